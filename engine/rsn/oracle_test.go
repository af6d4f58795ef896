//go:build oracle

package rsn

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gosupplicant/engine/dot11"
)

// air is a capture of IEEE 802.11 frames (link type 105).
type air struct{ buf bytes.Buffer }

func newAir() *air {
	a := &air{}
	for _, v := range []any{uint32(0xa1b2c3d4), uint16(2), uint16(4), uint32(0), uint32(0), uint32(65535), uint32(105)} {
		binary.Write(&a.buf, binary.LittleEndian, v)
	}
	return a
}

func (a *air) frame(fc uint16, to, from, bssid dot11.MAC, body []byte) {
	f := binary.LittleEndian.AppendUint16(nil, fc)
	f = append(f, 0, 0)
	f = append(append(append(f, to[:]...), from[:]...), bssid[:]...)
	f = append(append(f, 0, 0), body...)
	n := uint32(len(f))
	for _, v := range []uint32{0, 0, n, n} {
		binary.Write(&a.buf, binary.LittleEndian, v)
	}
	a.buf.Write(f)
}

// eapol puts a PDU into a data frame: addresses as in figure 9-30.
func (a *air) eapol(fromAP bool, pdu []byte) {
	llc := append([]byte{0xaa, 0xaa, 3, 0, 0, 0, 0x88, 0x8e}, pdu...)
	if fromAP {
		a.frame(0x0208, testSPA, testAA, testAA, llc)
	} else {
		a.frame(0x0108, testAA, testSPA, testAA, llc)
	}
}

// TestAgainstTshark lets tshark follow a handshake of each mode it knows: it
// verifies the MICs with its own derivation, opens the Key Data and prints the
// keys, which must be those given out for installation.
func TestAgainstTshark(t *testing.T) {
	// tshark 4.0 does not know AKMs above 18 nor OWE with other groups than 19, prints
	// no keys of a WPA (not RSN) handshake, and not those in RC4 encrypted Key Data.
	unknown := map[string]bool{"SAE-EXT-KEY 19": true, "SAE-EXT-KEY 20": true, "SAE-EXT-KEY 21": true, "FT-SAE-EXT-KEY 20": true,
		"OWE 20": true, "OWE 20 old": true, "OWE 21": true, "EAP-SHA384": true, "PSK-SHA384": true}
	for _, v := range modes {
		if unknown[v.name] || v.proto == wpaP {
			continue
		}
		t.Run(v.name, func(t *testing.T) {
			w := newWorld(t, v, nil)
			cap := newAir()
			ssid := []byte{0, 4, 't', 'e', 's', 't'}
			beacon := append(make([]byte, 8), 100, 0, 0x11, 0)
			beacon = append(append(append(beacon, ssid...), w.a.rsne...), w.a.wpaIE...)
			cap.frame(0x0080, dot11.Broadcast, testAA, testAA, beacon)
			cap.frame(0x0000, testAA, testSPA, testAA, append(append([]byte{0x11, 0, 5, 0}, ssid...), w.s.OwnElement...))
			m1 := w.a.m1(nil)
			m2 := one[Send](t, w.rx(m1, ProtectionNone)).PDU
			if err := w.a.onM2(m2); err != nil {
				t.Fatal(err)
			}
			m3 := w.a.m3()
			m4 := one[Send](t, w.rx(m3, ProtectionNone)).PDU
			for i, pdu := range [][]byte{m1, m2, m3, m4} {
				cap.eapol(i%2 == 0, pdu)
			}
			out := tshark(t, cap, w.a.pmk)
			// The KDF takes the length of its output in: a KCK that agrees proves the
			// lengths of all parts. The group keys prove the KEK.
			want := map[string][]byte{"KCK": w.a.kck, "KEK": w.a.kek, "GTK": w.a.gtk, "IGTK": w.a.igtk, "BIGTK": w.a.bigtk}
			if v.version == 1 {
				delete(want, "GTK")
			}
			for name, k := range want {
				if !strings.Contains(out, hex.EncodeToString(k)) {
					t.Errorf("tshark has not the %s %x:\n%s", name, k, out)
				}
			}
		})
	}
}

func tshark(t *testing.T, cap *air, pmk []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "h.pcap")
	if err := os.WriteFile(file, cap.buf.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("tshark", "-r", file, "-o", "wlan.enable_decryption:TRUE", "-o", `uat:80211_keys:"wpa-psk","`+hex.EncodeToString(pmk)+`"`,
		"-T", "fields", "-e", "wlan.analysis.kck", "-e", "wlan.analysis.kek", "-e", "wlan.rsn.ie.gtk_kde.gtk", "-e", "wlan.rsn.ie.igtk.kde.igtk",
		"-e", "wlan.rsn.ie.bigtk_kde.bigtk", "-e", "_ws.malformed")
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v (make deps installs it): %s", err, stderr.Bytes())
	}
	if strings.Contains(string(out), "alformed") {
		t.Errorf("malformed:\n%s", out)
	}
	return strings.ReplaceAll(string(out), ":", "")
}
