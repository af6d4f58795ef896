//go:build testoptions

package ctrl

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/drivers/sim"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/logs"
	"gosupplicant/engine/loop/looptest"
)

const labAir = `country DE
dwell active=5ms passive=5ms
radio phy0 interfaces=sim0
ap "psk" bssid=02:33:00:00:00:01 channel=1 signal=-50 security=wpa2 passphrase="right right"
ap "pmf" bssid=02:33:00:00:00:02 channel=6 signal=-50 security=wpa2-pmf passphrase="right right"
ap "sae" bssid=02:33:00:00:00:03 channel=11 signal=-50 security=wpa3 passphrase="right right"
ap "owe" bssid=02:33:00:00:00:04 channel=36 signal=-50 security=owe
`

// labFields are how the networks of labAir are joined; their APs count from 1.
var labFields = map[string][]string{
	"psk": {`psk "right right"`, "key_mgmt WPA-PSK"},
	"pmf": {`psk "right right"`, "key_mgmt WPA-PSK-SHA256 WPA-PSK", "ieee80211w 2"},
	"sae": {`sae_password "right right"`, "key_mgmt SAE", "ieee80211w 2"},
	"owe": {"key_mgmt OWE", "ieee80211w 2"},
}

var labBSSIDs = map[string]string{"psk": "02:33:00:00:00:01", "pmf": "02:33:00:00:00:02", "sae": "02:33:00:00:00:03", "owe": "02:33:00:00:00:04"}

// lab is a virtual daemon whose device is watched: what it is asked, what is on the
// air, what monitors hear.
type lab struct {
	*virtual
	lines  []string
	frames []sim.Frame // on the air
	keys   []drivers.Key
	told   func(drivers.Event) // to the engine
	acked  bool                // frames are reported as acknowledged
	data   *labSocket
	asked  string // interface of the data test
}

// simDevice is what the engine uses of a simulated device.
type simDevice interface {
	drivers.Interface
	drivers.ScanAborter
	drivers.SignalPoller
	drivers.LinkControl
	drivers.SME
	drivers.Linker
	drivers.FrameSender
}

type labDriver struct {
	*sim.Driver
	lab *lab
}

type labDevice struct {
	simDevice
	lab *lab
}

type labSocket struct {
	lab     *lab
	receive func([]byte)
	sent    [][]byte
	closed  int
}

func (d labDriver) Open(cfg drivers.Config) (drivers.Interface, error) {
	i, err := d.Driver.Open(cfg)
	if err != nil {
		return nil, err
	}
	d.lab.told = cfg.Events
	return &labDevice{i.(simDevice), d.lab}, nil
}

func (d *labDevice) SetKey(k *drivers.Key) error {
	c := *k
	c.Key = bytes.Clone(k.Key)
	d.lab.keys = append(d.lab.keys, c)
	return d.simDevice.SetKey(k)
}

// SendFrame reports the fate of a frame, with what a kernel fills in.
func (d *labDevice) SendFrame(frame []byte, freq int, noAck bool) error {
	err := d.simDevice.SendFrame(frame, freq, noAck)
	if err == nil {
		status := bytes.Clone(frame)
		status[2], status[22] = 44, 0x70
		d.lab.told(drivers.EventFrameTxStatus{Frame: status, Acked: d.lab.acked})
	}
	return err
}

func (d *labDevice) OpenData(ifname string, receive func([]byte)) (drivers.DataSocket, error) {
	if ifname == "none" {
		return nil, errors.New("no such interface")
	}
	d.lab.asked = ifname
	d.lab.data = &labSocket{lab: d.lab, receive: receive}
	return d.lab.data, nil
}

func (s *labSocket) Send(frame []byte) error { s.sent = append(s.sent, bytes.Clone(frame)); return nil }
func (s *labSocket) Close() error            { s.closed++; return nil }

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{virtual: &virtual{t: t, loop: looptest.New()}}
	var err error
	if l.air, err = sim.New(l.loop, seeded(1)); err != nil {
		t.Fatal(err)
	}
	hub := logs.New(logs.LevelDebug)
	hub.AddSink(logs.NewWriter(&l.log))
	l.sup = engine.New(engine.Options{Loop: l.loop, Logs: hub, Rand: seeded(2), Version: "v2.12", Drivers: []drivers.Driver{labDriver{l.air, l}}})
	if l.srv, err = New(l.sup, Options{}); err != nil {
		t.Fatal(err)
	}
	l.sup.Observe(func(ev engine.Event) {
		if line, ok := lineOf(ev); ok {
			l.lines = append(l.lines, line.text)
		}
	})
	file := filepath.Join(t.TempDir(), "air")
	if err := os.WriteFile(file, []byte(labAir), 0o600); err != nil {
		t.Fatal(err)
	}
	l.sup.AddInterface(engine.InterfaceConfig{Ifname: "sim0", Driver: "sim", DriverParam: "air=" + file}, func(_ *engine.Interface, e error) { err = e })
	l.loop.Drain()
	if err != nil {
		t.Fatal(err)
	}
	l.record(nil)
	t.Cleanup(func() {
		l.sup.Shutdown()
		l.loop.Drain()
		if t.Failed() {
			t.Logf("lines:\n%s\nlog:\n%s", strings.Join(l.lines, "\n"), l.log.String())
		}
	})
	return l
}

func (l *lab) iface() *engine.Interface { return l.sup.InterfaceByName("sim0") }

// record keeps the frames on the air; fate decides about each.
func (l *lab) record(fate func(sim.Frame) sim.Fate) {
	l.frames = nil
	l.air.Air().OnFrame(func(f sim.Frame) sim.Fate {
		f.Bytes = bytes.Clone(f.Bytes)
		l.frames = append(l.frames, f)
		if fate == nil {
			return sim.Fate{}
		}
		return fate(f)
	})
}

// ok runs commands that must be answered with OK.
func (l *lab) ok(cmds ...string) {
	l.t.Helper()
	for _, cmd := range cmds {
		if got := l.ask(cmd); got != replyOK {
			l.t.Fatalf("%s: %q", cmd, got)
		}
	}
}

// fails runs commands that must be refused.
func (l *lab) fails(cmds ...string) {
	l.t.Helper()
	for _, cmd := range cmds {
		if got := l.ask(cmd); got != replyFail {
			l.t.Errorf("%s: %q", cmd, got)
		}
	}
}

// begin makes a network and selects it.
func (l *lab) begin(kind string) {
	l.t.Helper()
	id := l.ask("ADD_NETWORK")
	id = strings.TrimSpace(id)
	l.ok(fmt.Sprintf("SET_NETWORK %s ssid \"%s\"", id, kind))
	for _, f := range labFields[kind] {
		l.ok("SET_NETWORK " + id + " " + f)
	}
	l.ok("SELECT_NETWORK " + id)
}

func (l *lab) connect(kind string) {
	l.t.Helper()
	l.begin(kind)
	l.until(engine.StateCompleted)
	l.lines = nil
}

func (l *lab) until(s engine.State) {
	l.t.Helper()
	if !l.loop.Until(time.Minute, func() bool { return l.iface().State() == s }) {
		l.t.Fatalf("state %v is not reached but %v", s, l.iface().State())
	}
	l.loop.Drain()
}

// line waits for an event and takes it out; what it returns follows prefix.
func (l *lab) line(prefix string) string {
	l.t.Helper()
	at := -1
	l.loop.Until(time.Minute, func() bool {
		at = slices.IndexFunc(l.lines, func(s string) bool { return strings.HasPrefix(s, prefix) })
		return at >= 0
	})
	if at < 0 {
		l.t.Fatalf("%q does not come", prefix)
	}
	text := strings.TrimPrefix(l.lines[at], prefix)
	l.lines = slices.Delete(l.lines, at, at+1)
	return text
}

// sent are the frames of the station of one kind, EAPOL or management of a subtype.
func (l *lab) sentEAPOL() (out [][]byte) {
	for _, f := range l.frames {
		if f.ToAP && f.EAPOL {
			out = append(out, f.Bytes)
		}
	}
	return out
}

func (l *lab) sentMgmt(kind dot11.Subtype) (out [][]byte) {
	for _, f := range l.frames {
		if h, body, err := dot11.ParseMgmt(f.Bytes); err == nil && f.ToAP && !f.EAPOL && h.Subtype == kind {
			out = append(out, body)
		}
	}
	return out
}

// mgmt is a management frame in the name of an AP, in digits.
func (l *lab) mgmt(kind string, subtype dot11.Subtype, flags uint8, body ...byte) string {
	ap, err := dot11.ParseMAC(labBSSIDs[kind])
	if err != nil {
		l.t.Fatal(err)
	}
	h := dot11.MgmtHeader{Subtype: subtype, Flags: flags, DA: l.iface().MACAddress(), SA: ap, BSSID: ap}
	return hex.EncodeToString(append(h.Append(nil), body...))
}
