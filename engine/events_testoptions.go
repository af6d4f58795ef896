//go:build testoptions

package engine

import "gosupplicant/engine/dot11"

// EAPOLReceived: an EAPOL frame has come, from the device or from EAPOLHeard.
type EAPOLReceived struct {
	Iface  *Interface
	Src    dot11.MAC
	Length int // bytes, from the protocol version on
}

// EAPOLToSend: Tamper.EAPOLByHand is set and this frame is to be sent; nobody else
// sends it.
type EAPOLToSend struct {
	Iface *Interface
	Dst   dot11.MAC
	PDU   []byte
}

// FrameReceived: Tamper.FramesByHand is set and this management frame has come;
// nobody else looks at it.
type FrameReceived struct {
	Iface  *Interface
	Freq   int // MHz
	Signal int // dBm, 0 unknown
	Frame  []byte
}

// FrameSent tells what became of a frame of SendTestFrame.
type FrameSent struct {
	Iface         *Interface
	Freq          int // MHz
	DA, SA, BSSID dot11.MAC
	Acked         bool
}

// DataReceived: a well-formed frame of the data test has come.
type DataReceived struct {
	Iface    *Interface
	Dst, Src dot11.MAC
	Length   int // total length of the IPv4 datagram, bytes
}

func (EAPOLReceived) engineEvent() {}
func (EAPOLToSend) engineEvent()   {}
func (FrameReceived) engineEvent() {}
func (FrameSent) engineEvent()     {}
func (DataReceived) engineEvent()  {}
