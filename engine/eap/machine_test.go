package eap_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/eaptest"
)

// bench is a machine with helpers that speak for the server.
type bench struct {
	t *testing.T
	m *eap.Machine
}

func newBench(t *testing.T, change func(*eap.MachineConfig)) *bench {
	cfg := eap.MachineConfig{Config: &eap.Config{Identity: []byte("user"), Password: eap.Password{Value: []byte("pw")}}, Rand: rand.Reader,
		Registry: eap.Registry{eaptest.Plain(true)}, Now: func() time.Time { return time.Unix(0, 0) }}
	if change != nil {
		change(&cfg)
	}
	b := &bench{t, eap.New(cfg)}
	b.m.Restart()
	return b
}

func request(id uint8, t eap.Type, data string) []byte {
	return eap.AppendPacket(nil, eap.CodeRequest, id, t, []byte(data))
}

func end(code eap.Code, id uint8) []byte { return []byte{byte(code), id, 0, 4} }

// give feeds a packet and returns the outputs in words.
func (b *bench) give(packet []byte) string { return words(b.m.Receive(packet)) }

func words(outputs []eap.Output) string {
	var w []string
	for _, o := range outputs {
		switch o := o.(type) {
		case eap.Respond:
			p, err := eap.ParsePacket(o.Packet)
			if err != nil {
				return err.Error()
			}
			w = append(w, fmt.Sprintf("respond(%v %q)", p.Type, p.Data))
		case eap.ProposedMethod:
			w = append(w, fmt.Sprintf("proposed(%v nak=%v)", o.Type, o.Nak))
		case eap.MethodSelected:
			w = append(w, "selected("+o.Name+")")
		case eap.MethodRefused:
			w = append(w, "refused")
		case eap.NeedCredential:
			w = append(w, "need("+o.Field.String()+")")
		case eap.Success:
			w = append(w, fmt.Sprintf("success(keys=%v lower=%v again=%v)", o.Keys != nil, o.LowerLayer, o.Reauthentication))
		case eap.Failure:
			w = append(w, "failure("+o.Reason.Check+")")
		case eap.Started:
			w = append(w, "started")
		case eap.Notification:
			w = append(w, fmt.Sprintf("notification(%q)", o.Text))
		}
	}
	return strings.Join(w, " ")
}

func (b *bench) want(packet []byte, want string) {
	b.t.Helper()
	if got := b.give(packet); got != want {
		b.t.Errorf("%x:\n got %s\nwant %s", packet, got, want)
	}
}

func TestConversation(t *testing.T) {
	b := newBench(t, nil)
	for again := range 2 {
		b.want(request(1, eap.TypeIdentity, ""), `started respond(Identity "user")`)
		b.want(request(2, eap.TypeNotification, "hello"), `notification("hello") respond(Notification "")`)
		b.want(request(3, eaptest.PlainType, "abc"), `proposed(250 nak=false) selected(PLAIN) respond(250 "cba")`)
		b.want(request(4, eaptest.PlainType, "good"), `respond(250 "doog")`)
		b.want(end(eap.CodeSuccess, 4), fmt.Sprintf("success(keys=true lower=false again=%v)", again == 1))
		b.want(request(5, eap.TypeIdentity, ""), "")
		if s := b.m.State(); s != eap.StateSuccess {
			t.Errorf("state %v", s)
		}
		b.m.Restart()
	}
}

func TestRepeatedRequest(t *testing.T) {
	for _, workaround := range []bool{false, true} {
		b := newBench(t, func(c *eap.MachineConfig) { c.Config.Workaround = workaround })
		b.want(request(1, eap.TypeIdentity, ""), `started respond(Identity "user")`)
		b.want(request(1, eap.TypeIdentity, ""), `respond(Identity "user")`)
		b.want(request(2, eaptest.PlainType, "good"), `proposed(250 nak=false) selected(PLAIN) respond(250 "doog")`)
		b.want(request(2, eaptest.PlainType, "good"), `respond(250 "doog")`)
		b.want(request(1, eaptest.PlainType, "bad"), "") // done
		b.want(request(3, eap.TypeIdentity, ""), "")
	}
	// Servers that use an identifier twice are put up with, where it is so set.
	b := newBench(t, func(c *eap.MachineConfig) { c.Config.Workaround = true })
	b.want(request(1, eap.TypeIdentity, ""), `started respond(Identity "user")`)
	b.want(request(1, eaptest.PlainType, "ab"), `proposed(250 nak=false) selected(PLAIN) respond(250 "ba")`)
	b = newBench(t, nil)
	b.want(request(1, eap.TypeIdentity, ""), `started respond(Identity "user")`)
	b.want(request(1, eaptest.PlainType, "ab"), `respond(Identity "user")`)
}

func TestNak(t *testing.T) {
	other := eap.Type{Vendor: 311, Number: 7}
	for _, c := range []struct {
		methods []eap.Type
		ask     eap.Type
		want    string
	}{
		{nil, eap.TypePWD, `respond(NAK "\xfa")`},
		{[]eap.Type{eap.TypeTLS}, eap.TypePWD, `respond(NAK "\x00")`},
		{[]eap.Type{eap.TypeTLS}, eaptest.PlainType, `respond(NAK "\x00")`},
		{nil, other, `respond(0:3 "\xfe\x00\x00\x00\x00\x00\x00\xfa")`},
		{[]eap.Type{eap.TypeTLS}, other, `respond(0:3 "\xfe\x00\x00\x00\x00\x00\x00\x00")`},
	} {
		b := newBench(t, func(m *eap.MachineConfig) { m.Config.Methods = c.methods })
		b.give(request(1, eap.TypeIdentity, ""))
		got := b.give(request(2, c.ask, "x"))
		got = strings.ReplaceAll(got, "respond(NAK", "respond(NAK")
		want := fmt.Sprintf("proposed(%v nak=true) %s", c.ask, strings.Replace(c.want, "0:3", "NAK", 1))
		if got != want {
			t.Errorf("%v of %v:\n got %s\nwant %s", c.ask, c.methods, got, want)
		}
		b.want(end(eap.CodeFailure, 2), "failure(nak)")
	}
}

// TestMethodThatCannotBegin is refused like one that is not allowed, with its
// reason in the failure.
func TestMethodThatCannotBegin(t *testing.T) {
	bad := eaptest.Plain(false)
	bad.New = func(*eap.Env) (eap.Method, error) { return nil, fmt.Errorf("%w: no key", eap.ErrConfig) }
	b := newBench(t, func(c *eap.MachineConfig) { c.Registry = eap.Registry{bad} })
	b.give(request(1, eap.TypeIdentity, ""))
	b.want(request(2, eaptest.PlainType, "x"), `proposed(250 nak=false) refused respond(NAK "\x00")`)
	b.want(end(eap.CodeFailure, 2), "failure(configuration)")
}

func TestMD5NeedsACable(t *testing.T) {
	kind := eaptest.Plain(false)
	kind.Type, kind.Name = eap.TypeMD5, "MD5"
	for _, wired := range []bool{false, true} {
		b := newBench(t, func(c *eap.MachineConfig) { c.Registry, c.Config.Wired = eap.Registry{kind}, wired })
		b.give(request(1, eap.TypeIdentity, ""))
		if got := b.give(request(2, eap.TypeMD5, "x")); strings.Contains(got, "selected") != wired {
			t.Errorf("wired %v: %s", wired, got)
		}
	}
}

func TestPrompts(t *testing.T) {
	answers := &eap.Answers{}
	b := newBench(t, func(c *eap.MachineConfig) {
		c.Config.Identity, c.Config.Password, c.Answers = nil, eap.Password{}, answers
	})
	b.want(request(1, eap.TypeIdentity, ""), "started need(IDENTITY)")
	b.want(request(1, eap.TypeIdentity, ""), "")
	if o := words(b.m.Answer(eap.FieldPassword, []byte("x"))); o != "" {
		t.Errorf("an answer to nothing: %s", o)
	}
	answers.Drop(eap.FieldPassword)
	if o := words(b.m.Answer(eap.FieldIdentity, []byte("me"))); o != `respond(Identity "me")` {
		t.Errorf("%s", o)
	}
	b.want(request(2, eaptest.PlainType, "need"), "proposed(250 nak=false) selected(PLAIN) need(PASSWORD)")
	// The server gave up waiting and begins anew: what was typed is still there.
	b.want(request(3, eap.TypeIdentity, ""), `started respond(Identity "me")`)
	b.want(request(4, eaptest.PlainType, "need"), "proposed(250 nak=false) selected(PLAIN) need(PASSWORD)")
	if o := words(b.m.Answer(eap.FieldPassword, []byte("pw"))); o != `respond(250 "deen")` {
		t.Errorf("%s", o)
	}
	b.m.Restart()
	b.want(request(5, eap.TypeIdentity, ""), `started respond(Identity "me")`)
	b.want(request(6, eaptest.PlainType, "need"), `proposed(250 nak=false) selected(PLAIN) respond(250 "deen")`)
}

func TestIdentityPrivacy(t *testing.T) {
	pseudonym := eaptest.Plain(false)
	pseudonym.Identity = func(*eap.Env) []byte { return []byte("pseudonym") }
	for _, c := range []struct {
		anon    string
		methods []eap.Type
		want    string
	}{{"", nil, "user"}, {"anon@realm", nil, "anon@realm"}, {"anon@realm", []eap.Type{eaptest.PlainType}, "pseudonym"}, {"", []eap.Type{eap.TypeTLS, eaptest.PlainType}, "user"}} {
		b := newBench(t, func(m *eap.MachineConfig) {
			m.Registry, m.Config.Methods = eap.Registry{pseudonym}, c.methods
			if c.anon != "" {
				m.Config.AnonymousIdentity = []byte(c.anon)
			}
		})
		b.want(request(1, eap.TypeIdentity, ""), fmt.Sprintf("started respond(Identity %q)", c.want))
	}
}

func TestTimeouts(t *testing.T) {
	for name, c := range map[string]struct {
		packets [][]byte
		want    string
	}{
		"nothing":        {nil, "failure(timeout)"},
		"after identity": {[][]byte{request(1, eap.TypeIdentity, "")}, "failure(timeout)"},
		"in a method":    {[][]byte{request(1, eap.TypeIdentity, ""), request(2, eaptest.PlainType, "a")}, "failure(timeout)"},
		"content":        {[][]byte{request(1, eap.TypeIdentity, ""), request(2, eaptest.PlainType, "good")}, "failure(timeout)"},
		"after bad":      {[][]byte{request(1, eap.TypeIdentity, ""), request(2, eaptest.PlainType, "bad")}, "failure(test)"},
	} {
		b := newBench(t, nil)
		for _, p := range c.packets {
			b.give(p)
		}
		if got := words(b.m.Timeout()); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if got := words(b.m.Timeout()); got != "" {
			t.Errorf("%s: a second time %s", name, got)
		}
	}
}

func TestLowerLayer(t *testing.T) {
	b := newBench(t, nil)
	b.give(request(1, eap.TypeIdentity, ""))
	b.give(request(2, eaptest.PlainType, "good"))
	if b.m.Keys() == nil {
		t.Error("no keys although the method is content")
	}
	if got := words(b.m.LowerSuccess()); got != "success(keys=true lower=true again=false)" {
		t.Error(got)
	}
	b = newBench(t, nil)
	b.give(request(1, eap.TypeIdentity, ""))
	if got := words(b.m.LowerFailure()); !strings.HasPrefix(got, "failure(") {
		t.Error(got)
	}
}

func TestCanned(t *testing.T) {
	b := newBench(t, func(c *eap.MachineConfig) { c.Config.Phase1, c.Config.Wired = "allow_canned_success=1", true })
	b.want(end(eap.CodeSuccess, 77), "success(keys=false lower=false again=false)")
	b = newBench(t, func(c *eap.MachineConfig) { c.Config.Phase1 = "allow_canned_success=1" })
	b.want(end(eap.CodeSuccess, 77), "")
}

func TestRoundsAreBounded(t *testing.T) {
	for data, most := range map[string]int{"a": 52, strings.Repeat("a", 40): 100} {
		b := newBench(t, nil)
		b.give(request(0, eap.TypeIdentity, ""))
		n := 0
		for ; n < 200; n++ {
			if strings.Contains(b.give(request(uint8(n+1), eaptest.PlainType, data)), "failure(rounds)") {
				break
			}
		}
		if n < most-3 || n > most+1 {
			t.Errorf("%d bytes: ended after %d rounds, want about %d", len(data), n, most)
		}
	}
}

func TestSuccessKeysOutliveTheMethod(t *testing.T) {
	b := newBench(t, nil)
	b.give(request(1, eap.TypeIdentity, ""))
	b.give(request(2, eaptest.PlainType, "good"))
	var keys *eap.Keys
	for _, o := range b.m.Receive(end(eap.CodeSuccess, 2)) {
		if s, ok := o.(eap.Success); ok {
			keys = s.Keys
		}
	}
	b.m.Restart()
	if keys == nil || !bytes.Equal(keys.MSK, bytes.Repeat([]byte{0x42}, 32)) {
		t.Error("the keys went with the method")
	}
}

func TestStatus(t *testing.T) {
	b := newBench(t, nil)
	b.give(request(1, eap.TypeIdentity, ""))
	b.give(request(2, eaptest.PlainType, "good"))
	got := fmt.Sprint(b.m.Status(true))
	want := "[{EAP state IDLE} {selectedMethod 250 (EAP-PLAIN)} {reqMethod 250} {methodState DONE} {decision COND_SUCC} {ClientTimeout 60}]"
	if got != want {
		t.Errorf("%s", got)
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	cfg := eap.Config{Password: eap.Password{Value: []byte("hunter2")}, Certs: eap.Certs{PrivateKeyPassword: []byte("hunter2")}}
	a := &eap.Answers{}
	a.Put(eap.FieldPassword, []byte("hunter2"))
	for _, v := range []any{cfg, &cfg, cfg.Password, eap.Keys{MSK: []byte("hunter2")}, a, eap.New(eap.MachineConfig{Config: &cfg, Answers: a})} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
			s := fmt.Sprintf(verb, v)
			if strings.Contains(s, "hunter2") || strings.Contains(s, "68756e74657232") || strings.Contains(s, "104 117 110") || strings.Contains(s, "0x68, 0x75") {
				t.Errorf("%T with %s prints %s", v, verb, s)
			}
		}
	}
}

func TestPacketPrefixes(t *testing.T) {
	for _, p := range [][]byte{request(1, eap.TypeIdentity, "abc"), request(1, eap.Type{Vendor: 311, Number: 9}, "abc"), end(eap.CodeSuccess, 1)} {
		got, err := eap.ParsePacket(append(bytes.Clone(p), 0, 0))
		if err != nil || !bytes.Equal(got.Raw, p) {
			t.Errorf("%x: %v", p, err)
		}
		for n := range len(p) {
			if _, err := eap.ParsePacket(p[:n]); err == nil {
				t.Errorf("%x cut to %d was taken", p, n)
			}
		}
	}
	for _, bad := range [][]byte{{1, 1, 0, 4}, {1, 1, 0, 3, 1}, {1, 1, 0, 8, 254, 0, 0, 0}, {2, 1, 0, 4}} {
		if _, err := eap.ParsePacket(bad); err == nil {
			t.Errorf("%x was taken", bad)
		}
	}
}

func FuzzParsePacket(f *testing.F) {
	f.Add(request(1, eap.TypeIdentity, "abc"))
	f.Add(request(1, eap.Type{Vendor: 311, Number: 9}, "abc"))
	f.Add(end(eap.CodeFailure, 3))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := eap.ParsePacket(b)
		if err != nil {
			return
		}
		if p.Code == eap.CodeRequest && p.Raw[4] != 254 {
			if again := eap.AppendPacket(nil, p.Code, p.ID, p.Type, p.Data); !bytes.Equal(again, p.Raw) {
				t.Errorf("%x became %x", p.Raw, again)
			}
		}
	})
}

// FuzzMachine feeds packets, cut out of one input by length bytes, to a machine:
// success must not come before the method was told "good".
func FuzzMachine(f *testing.F) {
	join := func(list ...[]byte) (out []byte) {
		for _, p := range list {
			out = append(append(out, byte(len(p))), p...)
		}
		return out
	}
	f.Add(join(request(1, eap.TypeIdentity, ""), request(2, eaptest.PlainType, "good"), end(eap.CodeSuccess, 2)))
	f.Add(join(request(1, eap.TypeIdentity, ""), request(2, eap.TypeTLS, "x"), end(eap.CodeFailure, 2)))
	f.Fuzz(func(t *testing.T, b []byte) {
		bn := newBench(t, func(c *eap.MachineConfig) { c.Config.Workaround = len(b)&1 == 1 })
		good := bytes.Contains(b, []byte("good"))
		for len(b) > 0 {
			n := min(int(b[0]), len(b)-1)
			out := words(bn.m.Receive(b[1 : 1+n]))
			b = b[1+n:]
			if strings.Contains(out, "success(") && !good {
				t.Fatalf("success out of nothing: %s", out)
			}
		}
	})
}
