// Programs as people write them, one for each of some languages, by the language's name.

export const snippets: Readonly<Record<string, string>> = {
  TypeScript: `import { readFile } from 'node:fs/promises';

interface Invoice {
  readonly number: string;
  readonly lines: readonly InvoiceLine[];
}

interface InvoiceLine {
  readonly text: string;
  readonly cents: number;
}

export async function loadInvoice(path: string): Promise<Invoice> {
  const parsed: unknown = JSON.parse(await readFile(path, 'utf8'));
  if (!isInvoice(parsed)) throw new TypeError(\`\${path} is no invoice\`);
  return parsed;
}

export function total(invoice: Invoice): number {
  return invoice.lines.reduce((sum: number, line: InvoiceLine) => sum + line.cents, 0);
}
`,
  Python: `import csv
from collections import defaultdict

def read_orders(path):
    """Groups the orders of a file by customer."""
    orders = defaultdict(list)
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            orders[row["customer"]].append(float(row["amount"]))
    return orders

if __name__ == "__main__":
    for customer, amounts in sorted(read_orders("orders.csv").items()):
        print(f"{customer}: {sum(amounts):.2f}")
`,
  Rust: `use std::collections::HashMap;
use std::fs;

fn count_words(text: &str) -> HashMap<&str, usize> {
    let mut counts = HashMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word).or_insert(0) += 1;
    }
    counts
}

fn main() -> Result<(), std::io::Error> {
    let text = fs::read_to_string("input.txt")?;
    let mut words: Vec<_> = count_words(&text).into_iter().collect();
    words.sort_by(|a, b| b.1.cmp(&a.1));
    for (word, count) in words.iter().take(10) {
        println!("{word}: {count}");
    }
    Ok(())
}
`,
  Go: `package main

import (
	"fmt"
	"net/http"
	"sync"
)

type counter struct {
	mu    sync.Mutex
	visits map[string]int
}

func (c *counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.visits[r.URL.Path]++
	fmt.Fprintf(w, "%d visits\\n", c.visits[r.URL.Path])
}

func main() {
	c := &counter{visits: make(map[string]int)}
	if err := http.ListenAndServe(":8080", c); err != nil {
		panic(err)
	}
}
`,
  Java: `package shop;

import java.util.ArrayList;
import java.util.List;

public class Basket {
    private final List<Item> items = new ArrayList<>();

    public void add(Item item) {
        if (item == null) {
            throw new IllegalArgumentException("item must not be null");
        }
        items.add(item);
    }

    public double total() {
        double sum = 0;
        for (Item item : items) {
            sum += item.getPrice();
        }
        return sum;
    }

    public static void main(String[] args) {
        System.out.println(new Basket().total());
    }
}
`,
  C: `#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct node {
    char *key;
    struct node *next;
};

static struct node *push(struct node *head, const char *key)
{
    struct node *n = malloc(sizeof(*n));
    if (n == NULL)
        exit(EXIT_FAILURE);
    n->key = strdup(key);
    n->next = head;
    return n;
}

int main(int argc, char **argv)
{
    struct node *head = NULL;
    for (int i = 1; i < argc; i++)
        head = push(head, argv[i]);
    for (struct node *n = head; n != NULL; n = n->next)
        printf("%s\\n", n->key);
    return 0;
}
`,
  'C#': `using System;
using System.Collections.Generic;
using System.Linq;

namespace Library
{
    public class Book
    {
        public string Title { get; set; }
        public int Year { get; set; }
    }

    public static class Program
    {
        public static void Main(string[] args)
        {
            var books = new List<Book>
            {
                new Book { Title = "First", Year = 1999 },
                new Book { Title = "Second", Year = 2011 },
            };
            foreach (var book in books.Where(b => b.Year > 2000).OrderBy(b => b.Title))
            {
                Console.WriteLine($"{book.Title} ({book.Year})");
            }
        }
    }
}
`,
  Ruby: `require 'json'

class Playlist
  attr_reader :songs

  def initialize(songs = [])
    @songs = songs
  end

  def self.load(path)
    new(JSON.parse(File.read(path), symbolize_names: true))
  end

  def longest
    songs.max_by { |song| song[:seconds] }
  end

  def each
    return enum_for(:each) unless block_given?

    songs.each { |song| yield song }
  end
end

puts Playlist.load('songs.json').longest.inspect
`,
  PHP: `<?php

namespace App\\Mail;

class Newsletter
{
    private $recipients = [];

    public function subscribe($address)
    {
        if (!filter_var($address, FILTER_VALIDATE_EMAIL)) {
            throw new \\InvalidArgumentException("$address is no address");
        }
        $this->recipients[] = $address;
    }

    public function send($subject, $body)
    {
        foreach ($this->recipients as $recipient) {
            mail($recipient, $subject, $body);
        }
        echo count($this->recipients) . " sent\\n";
    }
}
`,
  SQL: `CREATE TABLE customers (
  id INTEGER PRIMARY KEY,
  name VARCHAR(100) NOT NULL,
  city VARCHAR(100)
);

INSERT INTO customers (id, name, city) VALUES (1, 'Ada', 'London');

SELECT c.name, COUNT(o.id) AS orders, SUM(o.amount) AS total
FROM customers c
LEFT JOIN orders o ON o.customer_id = c.id
WHERE c.city = 'London'
GROUP BY c.name
HAVING COUNT(o.id) > 3
ORDER BY total DESC;
`,
  Shell: `#!/bin/bash
set -euo pipefail

backup_dir="\${1:-/var/backups}"
stamp=$(date +%Y-%m-%d)

if [ ! -d "$backup_dir" ]; then
  mkdir -p "$backup_dir"
fi

for database in $(psql -At -c 'select datname from pg_database'); do
  echo "saving $database"
  pg_dump "$database" | gzip > "$backup_dir/$database-$stamp.sql.gz"
done

find "$backup_dir" -name '*.gz' -mtime +30 -delete
`,
  HTML: `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Opening hours</title>
    <link rel="stylesheet" href="style.css">
  </head>
  <body>
    <h1>Opening hours</h1>
    <ul class="hours">
      <li><a href="/monday">Monday</a>: closed</li>
      <li><a href="/tuesday">Tuesday</a>: 9 to 5</li>
    </ul>
    <p>We look forward to <strong>your visit</strong>.</p>
  </body>
</html>
`,
  CSS: `body {
  margin: 0;
  font-family: Georgia, serif;
  color: #222;
  background-color: #fafafa;
}

.hours li {
  list-style: none;
  padding: 4px 12px;
  border-bottom: 1px solid #ddd;
}

.hours a:hover {
  text-decoration: underline;
}

@media (max-width: 600px) {
  .hours { display: block; width: 100%; }
}
`,
};
