// Triples for the quality of Rank: what is asked, a text that says the same in other words, and one about something else
// that often shares words with it.

export interface Triple {
  readonly query: string;
  readonly paraphrase: string;
  readonly unrelated: string;
}

export const triples: readonly Triple[] = [
  {
    query: 'How do I reset my password?',
    paraphrase: 'I forgot my login credentials and want to set new ones.',
    unrelated: 'How do I bake bread without yeast?',
  },
  {
    query: 'The cat is sleeping on the sofa.',
    paraphrase: 'A kitten naps on the couch.',
    unrelated: 'The company published its annual report on Friday.',
  },
  {
    query: 'Where can I find a doctor nearby?',
    paraphrase: 'I am looking for a physician close to my home.',
    unrelated: 'Where can I watch the new film?',
  },
  {
    query: 'The stock market fell sharply today.',
    paraphrase: 'Share prices dropped a lot this afternoon.',
    unrelated: 'The supermarket sells fresh fish today.',
  },
  {
    query: 'She teaches mathematics at a high school.',
    paraphrase: 'She is a math teacher.',
    unrelated: 'She climbs high mountains in winter.',
  },
  {
    query: 'My flight was cancelled because of the storm.',
    paraphrase: 'Bad weather meant that my plane did not leave.',
    unrelated: 'My phone was stolen on the bus.',
  },
  {
    query: 'The children are playing football in the park.',
    paraphrase: 'Kids kick a ball around on the grass outside.',
    unrelated: 'The parliament is voting on the budget.',
  },
  {
    query: 'What is the capital of France?',
    paraphrase: 'Which city is the French seat of government?',
    unrelated: 'What is the best way to learn the piano?',
  },
  {
    query: 'I would like to cancel my subscription.',
    paraphrase: 'Please stop my membership and the monthly payments.',
    unrelated: 'I would like to order a pizza with mushrooms.',
  },
  {
    query: 'The new law bans smoking in restaurants.',
    paraphrase: 'Under the recent legislation nobody may smoke where people eat.',
    unrelated: 'The new restaurant serves excellent pasta.',
  },
  {
    query: 'It is raining heavily outside.',
    paraphrase: 'There is a downpour right now.',
    unrelated: 'The engine needs more oil.',
  },
  {
    query: 'Scientists discovered a new planet.',
    paraphrase: 'Astronomers have found a world that was unknown before.',
    unrelated: 'Farmers planted new potatoes.',
  },
  {
    query: 'How much does it cost to send a parcel abroad?',
    paraphrase: 'What is the price of shipping a package to another country?',
    unrelated: 'How much sugar does this cake need?',
  },
  {
    query: 'He quit smoking last year.',
    paraphrase: 'He gave up cigarettes twelve months ago.',
    unrelated: 'He bought a house last year.',
  },
  {
    query: 'The battery of my laptop drains too quickly.',
    paraphrase: 'My notebook computer runs out of power after a short time.',
    unrelated: 'The battle lasted for three days.',
  },
  {
    query: 'Exercise is good for your health.',
    paraphrase: 'Regular physical activity keeps the body fit.',
    unrelated: 'This exercise book has a hundred pages.',
  },
  {
    query: 'The train to Berlin leaves at nine.',
    paraphrase: 'The rail service for Berlin departs at nine in the morning.',
    unrelated: 'The singer from Berlin released an album.',
  },
  {
    query: 'We are hiring software engineers.',
    paraphrase: 'Our company has open positions for programmers.',
    unrelated: 'We are hiking in the hills.',
  },
  {
    query: 'The museum is closed on Mondays.',
    paraphrase: 'You cannot visit the gallery at the beginning of the week.',
    unrelated: 'The museum bought a painting for two million.',
  },
  {
    query: 'Turn off the lights before you leave.',
    paraphrase: 'Switch the lamps off when you go out.',
    unrelated: 'The leaves turn red in autumn.',
  },
  {
    query: 'Many people suffer from lack of sleep.',
    paraphrase: 'Insomnia is a common problem.',
    unrelated: 'Many people suffer from the war.',
  },
  {
    query: 'Her grandmother died in hospital yesterday.',
    paraphrase: 'Yesterday her grandma passed away at the clinic.',
    unrelated: 'Her brother works in hospital administration.',
  },
  {
    query: 'This phone is too expensive for me.',
    paraphrase: 'I cannot afford that mobile.',
    unrelated: 'Phone me when you arrive.',
  },
  {
    query: 'The team won the championship after extra time.',
    paraphrase: 'They became champions in overtime.',
    unrelated: 'The team meeting starts at ten.',
  },
];
