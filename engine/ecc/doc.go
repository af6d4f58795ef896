// Package ecc is arithmetic with secrets for the password authenticated key
// exchanges, SAE and EAP-pwd: prime fields, the NIST curves P-256, P-384 and
// P-521, scalars modulo a group's order, and the two ways from a password to a
// point, hunting-and-pecking and the simplified Shallue-van de
// Woestijne-Ulas map.
//
// All numbers are big-endian byte strings of the group's length, or numbers of
// filippo.io/bigmod; points are x and y one behind the other, as both protocols
// send them. What is computed takes time that depends on the group alone, never
// on the numbers: points come from filippo.io/nistec, choices are masks, and
// math/big is not used. An operation whose result would be the identity fails,
// as neither protocol has a use for it.
//
// The package knows no protocol, keeps no state and imports nothing of ours.
package ecc
