// Package keys holds the cryptography of key management: the pseudorandom
// functions and key derivations of IEEE Std 802.11, message integrity codes of
// EAPOL-Key frames, AES-CMAC (RFC 4493), AES key wrap (RFC 3394), passphrase
// stretching, PMK identifiers, the fast-transition key hierarchy, and a byte
// string that does not print.
//
// It is a leaf used by the machines (rsn, sae, owe, eap) and by the simulated
// access point. It knows no frame, keeps no state and does no input or output;
// what an AKM or cipher needs is told in lengths (bytes) and a Hash.
//
// Comparisons of secret or authenticating values are made in constant time.
//
// Clause numbers refer to IEEE Std 802.11-2024.
package keys
