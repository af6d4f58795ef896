// Package psk is EAP-PSK (RFC 4764) as a method of engine/eap: mutual
// authentication with a shared key of 16 bytes, which the password setting holds,
// in four messages of AES-128.
//
// The protected channel carries the result only. A server that wants to talk
// through extensions is told DONE_FAILURE.
package psk
