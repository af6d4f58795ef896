package sae

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"filippo.io/bigmod"

	"gosupplicant/engine/dot11"
)

// holdAt runs an exchange up to the first frame of that side and transaction,
// which is returned instead of being delivered.
func holdAt(t *testing.T, ap bool, transaction uint16, change func(sta, ap *Config)) (*exchange, Send) {
	t.Helper()
	x := newExchange(t, change)
	var held *Send
	x.tamper = func(from *side, s Send) *Send {
		if held == nil && (from == x.ap) == ap && s.Transaction == transaction {
			held = &s
			return nil
		}
		return &s
	}
	x.run()
	if held == nil {
		t.Fatalf("no such frame in %v", x.trace)
	}
	x.tamper = nil
	return x, *held
}

func TestStates(t *testing.T) {
	x, commit := holdAt(t, true, TransactionCommit, nil)
	if x.sta.m.State() != StateCommitted || x.ap.m.State() != StateCommitted || x.sta.m.Group() != 19 {
		t.Fatalf("%s, %s", x.sta.m.State(), x.ap.m.State())
	}
	if out := x.sta.m.Start(); out != nil {
		t.Errorf("second start: %v", out)
	}
	if out := x.ap.m.Start(); out != nil {
		t.Errorf("start of an AP: %v", out)
	}
	held := x.sta.take(x.sta.m.Receive(TransactionCommit, commit.Status, commit.Body))
	if x.sta.m.State() != StateConfirmed {
		t.Fatalf("%s", x.sta.m.State())
	}
	x.carry(x.sta, held)
	if x.agree(); x.sta.m.State() != StateAccepted || x.ap.m.State() != StateAccepted {
		t.Fatalf("%s, %s", x.sta.m.State(), x.ap.m.State())
	}
}

// TestConfirmFirst: a confirm before the commit changes nothing (CVE-2019-9496
// is the access point's side of it).
func TestConfirmFirst(t *testing.T) {
	x, commit := holdAt(t, true, TransactionCommit, nil)
	for _, status := range []dot11.Status{0, 1, 15, 77} {
		x.sta.take(x.sta.m.Receive(TransactionConfirm, status, make([]byte, 34)))
		if !errors.Is(x.sta.ignored(), ErrOutOfOrder) || x.sta.failure() != nil {
			t.Errorf("status %d: %v", status, x.sta.out)
		}
	}
	x.carry(x.ap, []Send{commit})
	x.agree()

	x = newExchange(t, nil)
	if sent := x.ap.take(x.ap.m.Receive(TransactionConfirm, 0, make([]byte, 34))); sent != nil || !errors.Is(x.ap.ignored(), ErrOutOfOrder) {
		t.Errorf("AP: %v", x.ap.out)
	}
	x.run()
	x.agree()
}

// TestOrders delivers every sequence of three frames out of an exchange, in
// every state: nothing but the right order ends in success, and nothing panics.
func TestOrders(t *testing.T) {
	x := newExchange(t, nil)
	x.run()
	x.agree()
	frames := append(append([]Send{}, x.sta.sends...), x.ap.sends...)
	frames = append(frames, Send{3, 0, nil}, Send{1, 77, []byte{19, 0}}, Send{1, 76, []byte{19, 0, 1}})
	for i := range frames {
		for j := range frames {
			for k := range frames {
				y := newExchange(t, nil)
				y.sta.take(y.sta.m.Start()) // the same randomness: the same commit
				for _, n := range []int{i, j, k} {
					f := frames[n]
					y.sta.take(y.sta.m.Receive(f.Transaction, f.Status, f.Body))
				}
				right := j == 3 && i == 2 || k == 3 && (i == 2 || j == 2) // frames 2 and 3 are the AP's
				if done := last[Done](y.sta) != nil; done && !right {
					t.Errorf("frames %d, %d, %d: done", i, j, k)
				}
			}
		}
	}
}

// TestReflection: our own commit, or a part of it, is no answer.
func TestReflection(t *testing.T) {
	for _, h2e := range []bool{false, true} {
		for part := range 3 {
			x := newExchange(t, func(sta, ap *Config) { sta.H2E, ap.H2E = h2e, true })
			x.tamper = func(from *side, s Send) *Send {
				own := x.sta.sends[0].Body
				switch {
				case from == x.sta:
				case part == 0:
					s.Body = own
				case part == 1:
					copy(s.Body[2:34], own[2:34])
				case part == 2:
					copy(s.Body[34:], own[34:])
				}
				return &s
			}
			x.run()
			if !errors.Is(x.sta.ignored(), ErrReflection) || x.sta.m.State() != StateCommitted {
				t.Fatalf("part %d: %v in %s", part, x.sta.ignored(), x.sta.m.State())
			}
			for range DefaultSync + 1 {
				x.sta.take(x.sta.m.Timeout())
			}
			if f := x.sta.failure(); f == nil || f.Cause != CauseReflection {
				t.Errorf("part %d: %v", part, f)
			}
		}
	}
}

// TestInvalidCommits are CVE-2019-9497 to 9499 for SAE: scalars out of range,
// elements outside the group.
func TestInvalidCommits(t *testing.T) {
	for _, id := range []uint16{19, 20, 21, 15, 16} {
		g, err := newGroup(id)
		if err != nil {
			t.Fatal(err)
		}
		num := func(n byte) []byte { b := make([]byte, g.size); b[g.size-1] = n; return b }
		order := g.order.Bytes()
		p := bytes.Clone(g.prime)
		pMinus1 := bytes.Clone(p)
		pMinus1[len(p)-1]--
		pad := func(b []byte) []byte { return append(b, make([]byte, g.width-len(b))...) }
		scalars := map[string][]byte{"0": num(0), "1": num(1), "order": order, "all ones": bytes.Repeat([]byte{0xff}, g.size)}
		elements := map[string][]byte{"zeros": make([]byte, g.width), "ones": bytes.Repeat([]byte{0xff}, g.width), "prime": pad(bytes.Clone(p)), "1": pad(num(1)), "prime-1": pad(pMinus1)}
		if g.width == g.size { // a number that is no square
			mod := g.arith.(*modp).mod
			n, err := bigmod.NewNat().SetBytes(num(0xff-32), mod)
			if err != nil {
				t.Fatal(err)
			}
			for bigmod.NewNat().Exp(n, g.arith.(*modp).order, mod).IsOne() == 1 {
				n.SubOne(mod)
			}
			elements["a non-square"] = n.Bytes(mod)
		} else {
			elements["y of another point"] = append(num(5), num(7)...)
		}
		if g.width == g.size { // a whole exchange takes long
			for name, n := range scalars {
				if err := g.order.Check(n); !errors.Is(err, ErrScalarRange) {
					t.Errorf("group %d, scalar %s: %v", id, name, err)
				}
			}
			for name, e := range elements {
				if err := g.check(e); !errors.Is(err, ErrElement) {
					t.Errorf("group %d, element %s: %v", id, name, err)
				}
			}
			continue
		}
		try := func(name string, want error, change func(body []byte)) {
			x := newExchange(t, func(sta, ap *Config) { sta.Groups, ap.Groups = []uint16{id}, []uint16{id} })
			x.tamper = func(from *side, s Send) *Send {
				if from == x.ap {
					change(s.Body)
				}
				return &s
			}
			x.run()
			if !errors.Is(x.sta.ignored(), want) || x.sta.m.State() != StateCommitted {
				t.Errorf("group %d, %s at station: %v", id, name, x.sta.ignored())
			}
			x = newExchange(t, func(sta, ap *Config) { sta.Groups, ap.Groups = []uint16{id}, []uint16{id} })
			x.tamper = func(from *side, s Send) *Send {
				if from == x.sta {
					change(s.Body)
				}
				return &s
			}
			x.run()
			if f := x.ap.failure(); f == nil || f.Cause != CauseInvalidCommit || !errors.Is(f.Err, want) {
				t.Errorf("group %d, %s at AP: %v", id, name, f)
			}
		}
		for name, s := range scalars {
			try("scalar "+name, ErrScalarRange, func(b []byte) { copy(b[2:], s) })
		}
		for name, e := range elements {
			try("element "+name, ErrElement, func(b []byte) { copy(b[2+g.size:], e) })
		}
	}
}

// TestCommitPrefixes: each truncation of a commit is refused.
func TestCommitPrefixes(t *testing.T) {
	for _, h2e := range []bool{false, true} {
		x, commit := holdAt(t, true, TransactionCommit, func(sta, ap *Config) {
			sta.H2E, ap.H2E = h2e, true
			if h2e {
				sta.AKM = dot11.AKMSAEExtKey
			}
		})
		for n := range commit.Body {
			if h2e && n == 98 { // the selector gone entirely: the AP says nothing about the AKM
				continue
			}
			x.sta.take(x.sta.m.Receive(TransactionCommit, commit.Status, commit.Body[:n]))
			if !errors.Is(x.sta.ignored(), ErrMalformed) || x.sta.m.State() != StateCommitted {
				t.Fatalf("%d bytes: %v", n, x.sta.ignored())
			}
			x.sta.out = nil
		}
		x.carry(x.ap, []Send{commit})
		x.agree()
	}
}

func TestConfirmPrefixes(t *testing.T) {
	x, confirm := holdAt(t, true, TransactionConfirm, nil)
	for n := range confirm.Body {
		x.sta.take(x.sta.m.Receive(TransactionConfirm, 0, confirm.Body[:n]))
		if !errors.Is(x.sta.ignored(), ErrMalformed) || x.sta.m.State() != StateConfirmed {
			t.Fatalf("%d bytes: %v", n, x.sta.ignored())
		}
	}
	x.carry(x.ap, []Send{confirm})
	x.agree()
}

// TestLoss loses each frame of an exchange once or twice; timers bring it home.
func TestLoss(t *testing.T) {
	for lost := range 4 {
		for times := 1; times <= 2; times++ {
			x := newExchange(t, nil)
			left := times
			x.tamper = func(from *side, s Send) *Send {
				n := int(s.Transaction-1) * 2
				if from == x.ap {
					n++
				}
				if n == lost && left > 0 {
					left--
					return nil
				}
				return &s
			}
			x.run()
			for n := 0; last[Done](x.sta) == nil && n < 4; n++ {
				if !x.sta.timer {
					t.Fatalf("frame %d: no timer runs", lost)
				}
				x.carry(x.sta, x.sta.take(x.sta.m.Timeout()))
			}
			x.agree()
			if out := x.sta.m.Timeout(); out != nil {
				t.Errorf("a timer after the end: %v", out)
			}
		}
	}
}

// TestConfirmNumbers: confirms that are sent again carry growing numbers, and
// the one that answers them carries the last.
func TestConfirmNumbers(t *testing.T) {
	x, confirm := holdAt(t, true, TransactionConfirm, nil)
	if n := binary.LittleEndian.Uint16(confirm.Body); n != 1 {
		t.Errorf("first number %d", n)
	}
	again := x.sta.take(x.sta.m.Timeout())
	if n := binary.LittleEndian.Uint16(again[0].Body); n != 2 {
		t.Errorf("second number %d", n)
	}
	first := x.sta.sends[1]
	if sent := x.ap.take(x.ap.m.Receive(TransactionConfirm, 0, first.Body)); sent != nil || !errors.Is(x.ap.ignored(), ErrReplay) {
		t.Errorf("replay: %v, %v", sent, x.ap.ignored())
	}
	answer := x.ap.take(x.ap.m.Receive(TransactionConfirm, 0, again[0].Body))
	if len(answer) != 1 || binary.LittleEndian.Uint16(answer[0].Body) != lastCounter {
		t.Fatalf("answer %v", answer)
	}
	x.carry(x.ap, answer)
	x.agree()
	dones := 0
	for _, o := range x.ap.out {
		if _, ok := o.(Done); ok {
			dones++
		}
	}
	if dones != 1 {
		t.Errorf("the AP was done %d times", dones)
	}
}

func TestRepeatedCommit(t *testing.T) {
	// The AP's commit comes twice: our confirm is sent again, a limited number of times.
	x, _ := holdAt(t, true, TransactionConfirm, nil)
	commit := x.ap.sends[0]
	for n := range DefaultSync {
		if sent := x.sta.take(x.sta.m.Receive(TransactionCommit, 0, commit.Body)); len(sent) != 1 || sent[0].Transaction != TransactionConfirm {
			t.Fatalf("commit %d: %v", n, sent)
		}
	}
	x.sta.take(x.sta.m.Receive(TransactionCommit, 0, commit.Body))
	if f := x.sta.failure(); f == nil || f.Cause != CauseNoAnswer {
		t.Errorf("%v", f)
	}
	// Another commit in state Confirmed is dropped.
	x, confirm := holdAt(t, true, TransactionConfirm, nil)
	other := bytes.Clone(x.ap.sends[0].Body)
	other[5] ^= 1
	x.sta.take(x.sta.m.Receive(TransactionCommit, 0, other))
	if !errors.Is(x.sta.ignored(), ErrOutOfOrder) || x.sta.m.State() != StateConfirmed {
		t.Errorf("%v", x.sta.ignored())
	}
	x.carry(x.ap, []Send{confirm})
	x.agree()
}

func TestSilence(t *testing.T) {
	x := newExchange(t, func(sta, ap *Config) { sta.Sync = 3 })
	x.tamper = func(*side, Send) *Send { return nil }
	x.run()
	first := x.sta.sends[0]
	for range 3 {
		sent := x.sta.take(x.sta.m.Timeout())
		if len(sent) != 1 || !bytes.Equal(sent[0].Body, first.Body) {
			t.Fatalf("%v", sent)
		}
	}
	x.sta.take(x.sta.m.Timeout())
	if f := x.sta.failure(); f == nil || f.Cause != CauseNoAnswer || f.Err == nil {
		t.Errorf("%v", f)
	}
	if out := x.sta.m.Timeout(); out != nil {
		t.Errorf("after the end: %v", out)
	}
	// The AP forgets a station that does not go on.
	x, _ = holdAt(t, true, TransactionCommit, nil)
	x.ap.take(x.ap.m.Timeout())
	if f := x.ap.failure(); f == nil || f.Cause != CauseNoAnswer {
		t.Errorf("AP: %v", f)
	}
}

func TestRefusals(t *testing.T) {
	for status, want := range map[dot11.Status]Cause{
		1: CauseRejected, 17: CauseRejected, 30: CauseRejected, 123: CauseUnknownIdentifier, 40000: CauseRejected,
	} {
		x, _ := holdAt(t, true, TransactionCommit, nil)
		x.sta.take(x.sta.m.Receive(TransactionCommit, status, nil))
		if f := x.sta.failure(); f == nil || f.Cause != want || f.Status != status {
			t.Errorf("commit refused with %d: %v", status, f)
		}
	}
	for status, want := range map[dot11.Status]Cause{1: CausePasswordMismatch, 15: CausePasswordMismatch, 17: CauseRejected, 30: CauseRejected} {
		x, _ := holdAt(t, true, TransactionConfirm, nil)
		x.sta.take(x.sta.m.Receive(TransactionConfirm, status, nil))
		if f := x.sta.failure(); f == nil || f.Cause != want || f.Status != status {
			t.Errorf("confirm refused with %d: %v", status, f)
		}
		if out := x.sta.m.Receive(TransactionCommit, 0, nil); len(out) != 1 {
			t.Errorf("after the end: %v", out)
		} else if _, ok := out[0].(Ignored); !ok {
			t.Errorf("after the end: %v", out)
		}
	}
	// A refusal of a group that is not in use is none; one without a group counts.
	x, _ := holdAt(t, true, TransactionCommit, func(sta, ap *Config) { sta.Groups = []uint16{19, 20} })
	x.sta.take(x.sta.m.Receive(TransactionCommit, dot11.StatusUnsupportedGroup, []byte{21, 0}))
	if !errors.Is(x.sta.ignored(), ErrGroup) || x.sta.m.Group() != 19 {
		t.Errorf("%v", x.sta.ignored())
	}
	x.sta.take(x.sta.m.Receive(TransactionCommit, dot11.StatusUnsupportedGroup, nil))
	if x.sta.m.Group() != 20 {
		t.Errorf("group %d", x.sta.m.Group())
	}
}
