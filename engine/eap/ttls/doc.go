// Package ttls is EAP-TTLS version 0 (RFC 5281) as a method of engine/eap: inside
// a TLS tunnel the client proves a password by PAP, CHAP, MS-CHAP, MS-CHAPv2 or
// an EAP method, carried in attribute-value pairs.
//
// # Settings
//
//	phase1  phase2_auth=2      what is inside is required on resumption too
//	phase2  auth=PAP|CHAP|MSCHAP|MSCHAPV2   exactly one of them, or
//	        autheap=NAME …     EAP methods allowed inside; all without either
//
// After the server's own proof (MS-CHAPv2) or last message inside, EAP-Success
// counts; a success before the client has sent its proof does not.
package ttls
