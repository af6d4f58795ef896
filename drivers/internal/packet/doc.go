// Package packet sends and receives EAPOL frames (EtherType 0x888e) through a
// packet socket of one network interface, for devices that do not carry them
// over their own control port, and frames of pre-authentication (0x88c7), which no
// device does.
//
// A Conn hands every received frame to a function from a goroutine of its own,
// until it is closed. Link-layer headers are the kernel's business: frames begin
// with the EAPOL protocol version.
package packet
