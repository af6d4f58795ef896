// Package teap is TEAP version 1 (RFC 7170, with the key derivation as RFC 9930
// settles it) as a method of engine/eap: a TLS tunnel in which TLVs carry one or
// more methods, each bound to the tunnel before the next begins.
//
// Inside run the methods of phase2 "auth=", for the user and, when the server
// asks for the machine and machine_identity is set, with the machine_* settings;
// or a name and password as they are (Basic-Password-Auth), unless phase2 names
// methods without GTC among them: then they would be given away to whoever
// prefers to ask so.
//
// What it holds to:
//
//   - Success needs a Crypto-Binding that verifies after the last method, and a
//     method inside unless a client certificate was used or a session resumed.
//   - A TLV of which there can be one is there once; an unknown one that is
//     mandatory is answered with a NAK and nothing else of the message is done.
//   - Keys of a method enter by its EMSK where both sides have one, unless phase1
//     has "teap_compat=freeradius", for servers that bind by EMSK and derive by
//     MSK. A name and password count as a method whose key is zero.
//
// Not built: TLS 1.3 (refused by name), PACs and certificate enrolment (their
// TLVs are refused by NAK when mandatory, else passed over).
package teap
