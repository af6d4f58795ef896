//go:build testoptions

package ctrl

import (
	"fmt"

	"gosupplicant/engine"
)

// dataUsual is the length that DATA-TEST-RX does not tell.
const dataUsual = 1486

// lineOfTest is the part of the table of events about the test commands.
func lineOfTest(ev engine.Event) (line, bool) {
	switch e := ev.(type) {
	case engine.EAPOLReceived:
		return event(e.Iface, "EAPOL-RX %v %d", e.Src, e.Length)
	case engine.EAPOLToSend:
		return logged(e.Iface, "EAPOL-TX %v %x", e.Dst, e.PDU)
	case engine.FrameReceived:
		return logged(e.Iface, "MGMT-RX freq=%d datarate=0 ssi_signal=%d %x", e.Freq, e.Signal, e.Frame)
	case engine.FrameSent:
		result := "NO_ACK"
		if e.Acked {
			result = "SUCCESS"
		}
		return logged(e.Iface, "MGMT-TX-STATUS freq=%d dst=%v src=%v bssid=%v result=%s", e.Freq, e.DA, e.SA, e.BSSID, result)
	case engine.DataReceived:
		length := ""
		if e.Length != dataUsual {
			length = fmt.Sprintf(" len=%d", e.Length)
		}
		return logged(e.Iface, "DATA-TEST-RX %v %v%s", e.Dst, e.Src, length)
	}
	return line{}, false
}
