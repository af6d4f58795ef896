// Package eaptls carries TLS in EAP messages: what EAP-TLS, PEAP, TTLS and TEAP
// have in common (RFC 5216, RFC 9190, RFC 9427). It frames and fragments, drives
// the client side of crypto/tls, checks the server's certificate after the
// settings of the network, and derives the keys.
//
// # Hand-off
//
// crypto/tls wants to read and write, and a machine may not wait. So the
// handshake runs in a coroutine (iter.Pull): it is resumed with the bytes of one
// EAP message, runs until it wants more, and rests. Nothing runs beside the
// caller, and no lock or channel is needed. [Session.Close] ends the coroutine.
//
// # What can be negotiated
//
// TLS 1.2 is the least version unless the network opts in to 1.1 or 1.0
// (tls_disable_tlsv1_1=0, tls_disable_tlsv1_0=0); TLS 1.3 is offered by EAP-TLS,
// and by the tunnels when tls_disable_tlsv1_3=0. RSA key exchange with AES is
// offered, as OpenSSL does; 3DES and RC4 are where openssl_ciphers names them.
// Finite field Diffie-Hellman (DHE) and renegotiation do not exist in crypto/tls: a
// server that has nothing else is refused, with a sentence that tells why.
//
// Sessions are resumed with tickets, and with TLS 1.2 by session identifier, which
// is what most EAP servers have; sessionid.go tells how crypto/tls is brought to it.
//
// The keys of TLS 1.2 and older come from the master secret, which the key log
// hook hands over, so that servers without extended master secret (RFC 7627)
// work without a GODEBUG switch.
//
// Certificates signed with SHA-1 are refused unless openssl_ciphers has
// "@SECLEVEL=0", those signed with MD5 unless phase1 has tls_allow_md5=1.
//
// A stapled OCSP response is looked at for the server's own certificate (ocsp=1 and
// 2). ocsp=3, which wants one for each certificate of the chain, is refused by name:
// crypto/tls hands over no more, OpenSSL as a server sends no more, and the original
// with OpenSSL refuses it as well.
//
// No engine, token or keystore is ever opened.
package eaptls
