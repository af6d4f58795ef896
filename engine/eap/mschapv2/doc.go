// Package mschapv2 is EAP-MSCHAPv2 (draft-kamath-pppext-eap-mschapv2) as a
// method of engine/eap, and the computations of MS-CHAP and MS-CHAPv2 (RFC 2433,
// RFC 2759, RFC 3079), which the tunnels that carry these without EAP use too.
//
// The method proves knowledge of a password, or of its NT hash, and wants the
// server's proof of the same ("S=") before it is content. When the server tells
// that the password is wrong and lets the peer try again, the user is asked for
// another one, unless phase2 (or phase1) has "mschapv2_retry=0"; when it tells
// that the password has expired, for a new one.
//
// MS-CHAPv2 rests on MD4, DES and SHA-1 and gives its secret away to whoever
// sees an exchange and has a day: outside a tunnel with a checked certificate it
// protects nothing.
package mschapv2
