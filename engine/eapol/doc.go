// Package eapol is the supplicant's port access entity of IEEE 802.1X: it decides
// when to begin and to give up, carries EAP in EAPOL PDUs, and tells whether the
// port is authorized. The EAP peer (engine/eap) is a part of it.
//
// A [Machine] does no I/O and has no clock. Its caller feeds it what happens to
// the port, the PDUs received, its timers and the user's answers, and carries
// out the outputs, in their order, each of the closed set of types that implement
// [Output]; those of the EAP peer that concern the outside come wrapped in [EAP].
//
//	                 PortEnabled(true)
//	DISCONNECTED ----------------------> CONNECTING  EAPOL-Start, again each startPeriod
//	     ^                                    | EAP packet
//	     |                                    v
//	     |   HELD <--failure--- RESTART, AUTHENTICATING --success, PortValid--> AUTHENTICATED
//	     |    | heldPeriod over               ^                                      |
//	     |    +---> CONNECTING                +-------- EAP packet ------------------+
//
// The first EAPOL-Start goes out at once when the port is enabled, unless
// Config.StartDelay says otherwise: on a cable nobody else begins.
//
// What it does not do: EAPOL-Key frames (engine/rsn), MACsec key agreement, and
// choosing where a PDU goes (the PAE group address on a cable, the BSSID on air).
//
// Clause numbers are those of IEEE Std 802.1X-2010, state names those of
// IEEE Std 802.1X-2004, 8.2.11 and 8.2.12, which reports have kept.
package eapol
