package sae

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// seeded is a repeatable source of random bytes.
func seeded(seed uint64) io.Reader {
	var key [32]byte
	binary.BigEndian.PutUint64(key[:], seed)
	return rand.NewChaCha8(key)
}

// side is one machine and what it has put out.
type side struct {
	t     *testing.T
	name  string
	m     *Machine
	out   []Output // everything but Send
	sends []Send
	timer bool
}

func (s *side) take(outs []Output) []Send {
	var sent []Send
	for _, o := range outs {
		switch o := o.(type) {
		case Send:
			sent = append(sent, o)
		case SetTimer:
			if o.After <= 0 {
				s.t.Errorf("%s: timer of %v", s.name, o.After)
			}
			s.timer = true
		case Done, Failed:
			s.timer = false
			s.out = append(s.out, o)
		default:
			s.out = append(s.out, o)
		}
	}
	s.sends = append(s.sends, sent...)
	return sent
}

func last[T Output](s *side) (v *T) {
	for _, o := range s.out {
		if x, ok := o.(T); ok {
			v = &x
		}
	}
	return v
}

func (s *side) success() *Done {
	s.t.Helper()
	d := last[Done](s)
	if d == nil {
		s.t.Fatalf("%s is not done: %+v", s.name, s.out)
	}
	return d
}

func (s *side) failure() *Failed { return last[Failed](s) }

func (s *side) ignored() error {
	if i := last[Ignored](s); i != nil {
		return i.Err
	}
	return nil
}

// exchange is a station and an access point with a wire between them.
type exchange struct {
	t       *testing.T
	sta, ap *side
	// tamper may change a frame on its way, or return nil to lose it.
	tamper func(from *side, s Send) *Send
	trace  []string
}

const testSSID, testPassword = "a network", "correct horse battery"

func newExchange(t *testing.T, change func(sta, ap *Config)) *exchange {
	t.Helper()
	s := Config{
		Rand: seeded(1), Own: dot11.MAC{2, 0, 0, 0, 0, 1}, Peer: dot11.MAC{2, 0, 0, 0, 0, 2},
		SSID: []byte(testSSID), Password: keys.Secret(testPassword), Groups: []uint16{19},
	}
	a := s
	a.Rand, a.Own, a.Peer, a.Role = seeded(2), s.Peer, s.Own, RoleAP
	if change != nil {
		change(&s, &a)
	}
	x := &exchange{t: t, sta: &side{t: t, name: "station"}, ap: &side{t: t, name: "AP"}}
	var err1, err2 error
	x.sta.m, err1 = New(s)
	x.ap.m, err2 = New(a)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return x
}

// run starts the station and carries frames until nobody sends.
func (x *exchange) run() {
	x.t.Helper()
	x.carry(x.sta, x.sta.take(x.sta.m.Start()))
}

func (x *exchange) other(s *side) *side {
	if s == x.sta {
		return x.ap
	}
	return x.sta
}

func (x *exchange) carry(from *side, sends []Send) {
	x.t.Helper()
	to := x.other(from)
	for _, s := range sends {
		if len(x.trace) > 200 {
			x.t.Fatalf("endless exchange:\n%s", strings.Join(x.trace[:20], "\n"))
		}
		x.trace = append(x.trace, fmt.Sprintf("%s: %d status %d, %d bytes", from.name, s.Transaction, s.Status, len(s.Body)))
		p := &s
		if x.tamper != nil {
			p = x.tamper(from, Send{s.Transaction, s.Status, bytes.Clone(s.Body)})
		}
		if p != nil {
			x.carry(to, to.take(to.m.Receive(p.Transaction, p.Status, p.Body)))
		}
	}
}

func (x *exchange) want(lines ...string) {
	x.t.Helper()
	if got := strings.Join(x.trace, "\n"); got != strings.Join(lines, "\n") {
		x.t.Errorf("exchange was\n%s\nwant\n%s", got, strings.Join(lines, "\n"))
	}
}

func (x *exchange) agree() *Done {
	x.t.Helper()
	s, a := x.sta.success(), x.ap.success()
	if !s.PMK.Equal(a.PMK) || s.PMKID != a.PMKID || s.Group != a.Group || s.AKM != a.AKM || s.H2E != a.H2E || s.PK != a.PK {
		x.t.Errorf("station %+v (%x)\nAP %+v (%x)", s, []byte(s.PMK), a, []byte(a.PMK))
	}
	if x.sta.timer || x.ap.timer {
		x.t.Errorf("timers run on")
	}
	return s
}

func TestExchange(t *testing.T) {
	for _, c := range []struct {
		group uint16
		h2e   bool
		akm   dot11.AKM
		pmk   int
	}{
		{19, false, dot11.AKMSAE, 32}, {20, false, dot11.AKMSAE, 32}, {21, false, dot11.AKMFTSAE, 32},
		{15, false, dot11.AKMSAE, 32}, {16, true, dot11.AKMSAE, 32},
		{19, true, dot11.AKMSAE, 32}, {20, true, dot11.AKMSAE, 32}, {21, true, dot11.AKMFTSAE, 32},
		{19, true, dot11.AKMSAEExtKey, 32}, {20, true, dot11.AKMSAEExtKey, 48}, {21, true, dot11.AKMFTSAEExtKey, 64},
		{15, true, dot11.AKMSAEExtKey, 48},
	} {
		t.Run(fmt.Sprintf("group %d, H2E %v, %s", c.group, c.h2e, c.akm), func(t *testing.T) {
			x := newExchange(t, func(sta, ap *Config) {
				sta.Groups, ap.Groups = []uint16{c.group}, []uint16{19, 20, 21, 15, 16}
				sta.H2E, ap.H2E, sta.AKM = c.h2e, true, c.akm
				if !extKey(c.akm) { // nothing in the frames tells the AP
					ap.AKM = c.akm
				}
			})
			x.run()
			d := x.agree()
			if d.Group != c.group || d.H2E != c.h2e || d.AKM != c.akm || len(d.PMK) != c.pmk || d.PK {
				t.Errorf("%+v", d)
			}
			if n := len(x.trace); n != 4 {
				t.Errorf("%d frames: %v", n, x.trace)
			}
			for _, s := range []*side{x.sta, x.ap} {
				if err := s.ignored(); err != nil {
					t.Errorf("%s ignored: %v", s.name, err)
				}
			}
		})
	}
}

// TestFrames is the exchange as it stands on the air.
func TestFrames(t *testing.T) {
	x := newExchange(t, nil)
	x.run()
	x.agree()
	x.want("station: 1 status 0, 98 bytes", "AP: 1 status 0, 98 bytes", "station: 2 status 0, 34 bytes", "AP: 2 status 0, 34 bytes")
	x = newExchange(t, func(sta, ap *Config) { sta.H2E, ap.H2E, sta.AKM = true, true, dot11.AKMSAEExtKey })
	x.run()
	x.agree() // the selector adds 7 bytes
	x.want("station: 1 status 126, 105 bytes", "AP: 1 status 126, 105 bytes", "station: 2 status 0, 34 bytes", "AP: 2 status 0, 34 bytes")
	if b := x.sta.sends[0].Body; !bytes.HasSuffix(b, []byte{255, 5, 114, 0x00, 0x0f, 0xac, 24}) {
		t.Errorf("commit ends with %x", b[98:])
	}
}

func TestFreshScalars(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(8) {
		x := newExchange(t, func(sta, ap *Config) { sta.Rand = seeded(100 + seed) })
		x.run()
		seen[string(x.agree().PMK)] = true
	}
	if len(seen) != 8 {
		t.Errorf("%d different keys of 8", len(seen))
	}
}

func TestWrongPassword(t *testing.T) {
	for _, h2e := range []bool{false, true} {
		x := newExchange(t, func(sta, ap *Config) {
			sta.Password, sta.H2E, ap.H2E = keys.Secret("wrong"), h2e, true
		})
		x.run()
		f, a := x.sta.failure(), x.ap.failure()
		if f == nil || f.Cause != CausePasswordMismatch || f.Status != dot11.StatusChallengeFail {
			t.Errorf("station: %v", f)
		}
		if a == nil || a.Cause != CausePasswordMismatch || !errors.Is(a.Err, ErrConfirm) {
			t.Errorf("AP: %v", a)
		}
		if x.sta.timer || x.ap.timer || last[Done](x.sta) != nil || last[Done](x.ap) != nil {
			t.Error("not over")
		}
	}
}

// TestWrongConfirm has an access point that does not check ours.
func TestWrongConfirm(t *testing.T) {
	x := newExchange(t, nil)
	x.tamper = func(from *side, s Send) *Send {
		if from == x.ap && s.Transaction == TransactionConfirm {
			s.Body[len(s.Body)-1] ^= 1
		}
		return &s
	}
	x.run()
	if f := x.sta.failure(); f == nil || f.Cause != CausePasswordMismatch || f.Status != 0 || !errors.Is(f.Err, ErrConfirm) {
		t.Errorf("%v", f)
	}
}

func TestGroupsRefused(t *testing.T) {
	for _, h2e := range []bool{false, true} {
		x := newExchange(t, func(sta, ap *Config) {
			sta.Groups, ap.Groups = []uint16{21, 20, 19}, []uint16{19}
			sta.H2E, ap.H2E = h2e, true
		})
		x.run()
		if d := x.agree(); d.Group != 19 {
			t.Errorf("group %d", d.Group)
		}
		body := x.sta.sends[2].Body
		rejected := []byte{255, 5, 92, 21, 0, 20, 0}
		if got := bytes.Contains(body, rejected); got != h2e {
			t.Errorf("H2E %v: rejected groups in %x: %v", h2e, body[98:], got)
		}
		x = newExchange(t, func(sta, ap *Config) {
			sta.Groups, ap.Groups = []uint16{21, 20}, []uint16{19}
			sta.H2E, ap.H2E = h2e, true
		})
		x.run()
		if f := x.sta.failure(); f == nil || f.Cause != CauseGroupsRejected || f.Status != dot11.StatusUnsupportedGroup {
			t.Errorf("%v", f)
		}
		if x.ap.failure() != nil {
			t.Error("the AP's machine is over")
		}
	}
}

// TestGroupDowngrade: somebody between answers for the AP that group 20 is not
// supported. The list in the next commit tells the AP, and without the list the
// keys differ.
func TestGroupDowngrade(t *testing.T) {
	attack := func(strip bool) *exchange {
		var x *exchange
		x = newExchange(t, func(sta, ap *Config) {
			sta.Groups, ap.Groups = []uint16{20, 19}, []uint16{19, 20}
			sta.H2E, ap.H2E = true, true
		})
		x.tamper = func(from *side, s Send) *Send {
			if from == x.sta && s.Transaction == TransactionCommit && s.Body[0] == 20 {
				x.carry(x.ap, []Send{{TransactionCommit, dot11.StatusUnsupportedGroup, s.Body[:2]}})
				return nil
			}
			if strip && from == x.sta && s.Transaction == TransactionCommit {
				s.Body = s.Body[:98]
			}
			return &s
		}
		x.run()
		return x
	}
	x := attack(false)
	if f := x.ap.failure(); f == nil || f.Cause != CauseDowngrade || !errors.Is(f.Err, ErrForgedGroups) {
		t.Errorf("AP: %v", f)
	}
	if f := x.sta.failure(); f == nil || f.Cause != CauseRejected || f.Status != dot11.StatusUnspecifiedFailure {
		t.Errorf("station: %v", f)
	}
	x = attack(true)
	if f := x.ap.failure(); f == nil || f.Cause != CausePasswordMismatch {
		t.Errorf("AP without list: %v", f)
	}
	// The other way round: a list in the AP's commit that names an enabled group.
	x = newExchange(t, func(sta, ap *Config) { sta.Groups, sta.H2E, ap.H2E = []uint16{19, 20}, true, true })
	x.tamper = func(from *side, s Send) *Send {
		if from == x.ap && s.Transaction == TransactionCommit {
			s.Body = append(s.Body, 255, 3, 92, 20, 0)
		}
		return &s
	}
	x.run()
	if f := x.sta.failure(); f == nil || f.Cause != CauseDowngrade {
		t.Errorf("station: %v", f)
	}
}

func TestToken(t *testing.T) {
	for _, h2e := range []bool{false, true} {
		x := newExchange(t, func(sta, ap *Config) { ap.DemandToken, sta.H2E, ap.H2E = true, h2e, true })
		x.run()
		x.agree()
		if h2e {
			x.want("station: 1 status 126, 98 bytes", "AP: 1 status 76, 37 bytes", "station: 1 status 126, 133 bytes",
				"AP: 1 status 126, 98 bytes", "station: 2 status 0, 34 bytes", "AP: 2 status 0, 34 bytes")
		} else {
			x.want("station: 1 status 0, 98 bytes", "AP: 1 status 76, 34 bytes", "station: 1 status 0, 130 bytes",
				"AP: 1 status 0, 98 bytes", "station: 2 status 0, 34 bytes", "AP: 2 status 0, 34 bytes")
		}
		first, second := x.sta.sends[0].Body, x.sta.sends[1].Body
		scalar := first[2:34]
		if !bytes.Contains(second, scalar) {
			t.Error("the commit was made anew for the token")
		}
	}
}

func TestTokenForEver(t *testing.T) {
	x := newExchange(t, nil)
	x.sta.take(x.sta.m.Start())
	for n := range byte(maxTokenDemands + 1) {
		sent := x.sta.take(x.sta.m.Receive(TransactionCommit, dot11.StatusAntiCloggingToken, []byte{19, 0, n}))
		if n < maxTokenDemands && (len(sent) != 1 || sent[0].Body[2] != n) {
			t.Fatalf("demand %d: %v", n, sent)
		}
	}
	if f := x.sta.failure(); f == nil || f.Cause != CauseClogged || f.Status != dot11.StatusAntiCloggingToken {
		t.Errorf("%v", f)
	}
}

// TestWrongToken has a station with a token that is not the AP's.
func TestWrongToken(t *testing.T) {
	for _, h2e := range []bool{false, true} {
		x := newExchange(t, func(sta, ap *Config) { ap.DemandToken, sta.H2E, ap.H2E = true, h2e, true })
		x.tamper = func(from *side, s Send) *Send {
			if from == x.ap && s.Status == dot11.StatusAntiCloggingToken {
				s.Body[len(s.Body)-1] ^= 1
			}
			return &s
		}
		x.run()
		if x.ap.m.State() != StateNothing || last[Done](x.sta) != nil {
			t.Errorf("H2E %v: AP in %s", h2e, x.ap.m.State())
		}
	}
}

func TestTokenBounds(t *testing.T) {
	for _, c := range []struct {
		h2e bool
		n   int
		ok  bool
	}{{false, 0, false}, {false, 1, true}, {false, 254, true}, {false, 255, false}, {false, 2000, false}, {true, 0, false}, {true, 254, true}} {
		x := newExchange(t, func(sta, ap *Config) { sta.H2E = c.h2e })
		x.sta.take(x.sta.m.Start())
		body := append([]byte{19, 0}, make([]byte, c.n)...)
		if c.h2e {
			body = dot11.AppendExtElement([]byte{19, 0}, dot11.ExtIDAntiCloggingToken, make([]byte, c.n)...)
		}
		sent := x.sta.take(x.sta.m.Receive(TransactionCommit, dot11.StatusAntiCloggingToken, body))
		if (len(sent) == 1) != c.ok || (x.sta.ignored() == nil) != c.ok {
			t.Errorf("H2E %v, %d bytes: %d frames, %v", c.h2e, c.n, len(sent), x.sta.ignored())
		}
	}
}

func TestIdentifier(t *testing.T) {
	with := func(id string) *exchange {
		x := newExchange(t, func(sta, ap *Config) {
			sta.H2E, ap.H2E, sta.Identifier, ap.Identifier = true, true, []byte(id), []byte("guests")
		})
		x.run()
		return x
	}
	with("guests").agree()
	for _, id := range []string{"staff", ""} {
		x := with(id)
		if f := x.sta.failure(); f == nil || f.Cause != CauseUnknownIdentifier || f.Status != dot11.StatusUnknownPasswordIdentifier {
			t.Errorf("%q: %v", id, f)
		}
	}
}

func TestMethods(t *testing.T) {
	x := newExchange(t, func(sta, ap *Config) { ap.H2E, ap.H2EOnly = true, true })
	x.run()
	if f := x.sta.failure(); f == nil || f.Cause != CauseRejected || f.Status != dot11.StatusUnspecifiedFailure {
		t.Errorf("loop against H2E only: %v", f)
	}
	x = newExchange(t, func(sta, ap *Config) { sta.H2E = true })
	x.run()
	if f := x.sta.failure(); f == nil || f.Cause != CauseRejected {
		t.Errorf("H2E against loop: %v", f)
	}
	// An answer by the other method is dropped.
	for _, status := range []dot11.Status{dot11.StatusSuccess, dot11.StatusSAEPK} {
		x = newExchange(t, func(sta, ap *Config) { sta.H2E, ap.H2E = true, true })
		x.tamper = func(from *side, s Send) *Send {
			if from == x.ap {
				s.Status = status
			}
			return &s
		}
		x.run()
		if !errors.Is(x.sta.ignored(), ErrMethod) || x.sta.m.State() != StateCommitted {
			t.Errorf("status %d: %v in %s", status, x.sta.ignored(), x.sta.m.State())
		}
	}
}

func TestAKMSelector(t *testing.T) {
	x := newExchange(t, func(sta, ap *Config) { sta.H2E, ap.H2E, sta.AKM = true, true, dot11.AKMSAEExtKey })
	x.tamper = func(from *side, s Send) *Send {
		if from == x.ap && s.Transaction == TransactionCommit {
			s.Body[len(s.Body)-1] = 25
		}
		return &s
	}
	x.run()
	if !errors.Is(x.sta.ignored(), ErrMethod) {
		t.Errorf("%v", x.sta.ignored())
	}
	x = newExchange(t, func(sta, ap *Config) { sta.H2E, ap.H2E, sta.AKM = true, true, dot11.AKMSAEExtKey })
	x.tamper = func(from *side, s Send) *Send {
		if from == x.sta {
			s.Body[len(s.Body)-1] = 2 // PSK
		}
		return &s
	}
	x.run()
	if f := x.sta.failure(); f == nil || f.Status != dot11.StatusInvalidAKMP {
		t.Errorf("%v", f)
	}
}

func TestConfigRefused(t *testing.T) {
	good := Config{Rand: seeded(0), Own: dot11.MAC{2}, Peer: dot11.MAC{4}, SSID: []byte("s"), Password: keys.Secret("p")}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Config){
		"randomness": func(c *Config) { c.Rand = nil },
		"password":   func(c *Config) { c.Password = nil },
		"peer's":     func(c *Config) { c.Peer = c.Own },
		"SAE":        func(c *Config) { c.AKM = dot11.AKMPSK },
		"needs hash": func(c *Config) { c.AKM = dot11.AKMSAEExtKey },
		"SSID":       func(c *Config) { c.H2E, c.SSID = true, nil },
		"254":        func(c *Config) { c.H2E, c.Identifier = true, make([]byte, 255) },
		"identifier": func(c *Config) { c.Identifier = []byte("i") },
		"SAE-PK":     func(c *Config) { c.H2E, c.PK = true, true },
	} {
		c := good
		change(&c)
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for id := range uint16(64) {
		c := good
		c.Groups = []uint16{19, id}
		_, err := New(c)
		want := id == 15 || id == 16 || id == 19 || id == 20 || id == 21
		if (err == nil) != want || GroupSupported(id) != want {
			t.Errorf("group %d: %v", id, err)
		}
	}
}

func TestRandomnessRunsDry(t *testing.T) {
	for _, r := range []io.Reader{bytes.NewReader(make([]byte, 40)), zeros{}} {
		x := newExchange(t, func(sta, ap *Config) { sta.Rand = r })
		x.run()
		if f := x.sta.failure(); f == nil || f.Cause != CauseInternal || !errors.Is(f.Err, ErrRandomness) {
			t.Errorf("%v", f)
		}
	}
}

// zeros reads as zero bytes for ever.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestSecretsDoNotPrint(t *testing.T) {
	x := newExchange(t, func(sta, ap *Config) { sta.H2E, ap.H2E = true, true })
	x.run()
	d := x.agree()
	pts := NewPTs([]byte(testSSID), keys.Secret(testPassword), nil)
	pt, err := pts.For(19)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := pts.For(19)
	if pt != again {
		t.Error("derived twice")
	}
	hexPMK, hexPT := fmt.Sprintf("%x", []byte(d.PMK)), fmt.Sprintf("%x", []byte(pt.elem))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		all := fmt.Sprintf(strings.Repeat(verb+" ", 6), *d, x.sta.m, pt, pts, x.sta.m.cfg, *x.sta.m.cfg.PTs)
		for _, secret := range []string{testPassword, hexPMK, hexPT, fmt.Sprintf("%d", []byte(d.PMK)[:4])} {
			if strings.Contains(all, strings.Trim(secret, "[]")) {
				t.Errorf("%s prints %q", verb, secret)
			}
		}
	}
}

// A set whose password was dropped has the points that it had, and after it is
// given again the same further ones as any.
func TestPTsWithoutPassword(t *testing.T) {
	whole := NewPTs([]byte(testSSID), keys.Secret(testPassword), nil)
	pts := NewPTs([]byte(testSSID), keys.Secret(testPassword), nil)
	if _, err := pts.For(19); err != nil {
		t.Fatal(err)
	}
	pts.DropPassword()
	if _, err := pts.For(19); err != nil {
		t.Errorf("group 19: %v", err)
	}
	if _, err := pts.For(20); err == nil {
		t.Error("a point without a password")
	}
	pts.GivePassword(keys.Secret(testPassword))
	got, err := pts.For(20)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := whole.For(20); err != nil || !bytes.Equal(got.elem, want.elem) {
		t.Errorf("another point, %v", err)
	}
}
