// Package pwd is EAP-pwd (RFC 5931) as a method of engine/eap: mutual
// authentication and keys from a password that cannot be guessed offline.
//
// Three exchanges, the server asking each time: both sides tell who they are and
// agree on a group (ID), commit to a secret scalar (Commit), and prove that they
// came to the same number (Confirm). Messages may come and go in fragments.
//
// What it holds to:
//
//   - Groups 19, 20 and 21 alone; phase1 "eap_pwd_groups=19-20,21" narrows them.
//   - The password element is found by 40 rounds of the same work whatever the
//     password, with the arithmetic of engine/ecc.
//   - The server's scalar is between 1 and the order, both excluded; its element
//     is on the curve, not the identity, and neither is our own; the shared
//     element is not the identity.
//   - The server proves itself before our proof leaves.
//   - A message that does not fit the state is dropped and changes nothing.
//
// Passwords are prepared as the server says: as they are, by the NT hash of the
// NT hash, or salted with SHA-1, SHA-256 or SHA-512 (RFC 8146). SASLprep is
// accepted for passwords of printable ASCII, which it leaves as they are; other
// passwords and the remaining preparations of RFC 8146 are refused by name.
package pwd
