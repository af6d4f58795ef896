// Package owe is the key exchange of Opportunistic Wireless Encryption (RFC
// 8110): the Diffie-Hellman Parameter element of association frames, and the
// PMK and PMKID that follow from it.
//
// It does no I/O and keeps nothing: a Key is for one association. Both sides use
// it; the access point's calls FinishAP.
package owe
