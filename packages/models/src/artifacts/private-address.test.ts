import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isPrivateAddress } from './private-address.ts';

test('addresses that only this machine or its network can reach are private', () => {
  const addresses = [
    [
      '127.0.0.1',
      '0.0.0.0',
      '10.1.2.3',
      '172.16.0.1',
      '192.168.1.1',
      '169.254.169.254',
      '100.100.100.200',
      '224.0.0.1',
    ],
    ['255.255.255.255', '168.63.129.16', '192.0.0.192', '198.18.0.1', '::', '::1', '::ffff:127.0.0.1', '::ffff:a00:1'],
    [
      '::7f00:1',
      'fe80::1',
      'fe80::1%eth0',
      'fd00:ec2::254',
      'ff02::1',
      '64:ff9b::a9fe:a9fe',
      '2002:7f00:1::',
      'not one',
    ],
  ];
  for (const address of addresses.flat()) assert.equal(isPrivateAddress(address), true, address);
});

test('public addresses are not', () => {
  for (const address of ['1.1.1.1', '93.184.216.34', '2606:4700::1111', '::ffff:1.1.1.1'])
    assert.equal(isPrivateAddress(address), false, address);
});

test('an IPv4 address is as private as the IPv6 address that holds it', () => {
  const check = (address: string): void =>
    assert.equal(isPrivateAddress(`::ffff:${address}`), isPrivateAddress(address));
  fc.assert(fc.property(fc.ipV4(), check));
});
