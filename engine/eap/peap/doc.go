// Package peap is protected EAP, versions 0 ([MS-PEAP]) and 1
// (draft-josefsson-pppext-eap-tls-eap), as a method of engine/eap: an EAP method
// runs inside a TLS tunnel.
//
// Version 0 leaves out the headers of most packets inside and ends with the EAP
// extensions method, whose result TLV both sides exchange and whose crypto-binding
// TLV ties the method inside to the tunnel. Version 1 ends with EAP-Success inside.
//
// # Settings
//
//	phase1  peapver=0|1            insist on that version
//	        peaplabel=1            the key label of the draft's later versions
//	        peap_outer_success=n   0: no EAP-Success comes behind the one inside,
//	                               1: answer it with EAP-Success inside, 2 (default): with an acknowledgement
//	        crypto_binding=n       0: not answered, 1 (default): checked when it is there, 2: required
//	        phase2_auth=n          0: a tunnel is enough, 1 (default): a method inside is required unless the
//	                               server took a client certificate or a session was resumed, 2: always required
//	phase2  auth=NAME …            methods allowed inside, all without it
//
// Statements of health (tnc=) are refused by name.
package peap
