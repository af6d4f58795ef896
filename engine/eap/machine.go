package eap

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"time"

	"gosupplicant/engine/keys"
)

// MachineConfig is what a Machine keeps for its life.
type MachineConfig struct {
	Config   *Config
	Registry Registry
	Rand     io.Reader
	Now      func() time.Time // wall clock
	Memory   *Memory          // of the network; may be nil
	// Answers are kept by the caller across conversations, so that what the user
	// typed is there when the server begins anew. May be nil.
	Answers *Answers
}

const (
	// DefaultClientTimeout is how long the server is waited for (ClientTimeout).
	DefaultClientTimeout = 60 * time.Second
	// refusedTimeout is how long EAP-Failure is waited for once the method failed.
	refusedTimeout = 3 * time.Second

	maxRounds      = 100
	maxShortRounds = 50
	shortMessage   = 20 // bytes
	noID           = -1
)

// Machine is the EAP peer of one port. The zero value is of no use: see New.
type Machine struct {
	cfg MachineConfig
	env Env
	out []Output

	state    State
	kind     *Kind // of the selected method
	method   Method
	mstate   MethodState
	decision Decision
	why      *Reason

	lastID   int // of the last request answered, or noID
	lastHash [sha256.Size]byte
	lastResp []byte
	pending  []byte // a request that waits for a credential
	need     *Need
	req      Type // of the last request
	failed   map[Type]bool
	rounds   int
	short    int
	reauth   bool // an earlier conversation on this port ended well
}

// New returns a disabled Machine; Restart begins a conversation.
func New(cfg MachineConfig) *Machine {
	if cfg.Answers == nil {
		cfg.Answers = &Answers{}
	}
	m := &Machine{cfg: cfg, lastID: noID}
	m.env = Env{Config: cfg.Config, Rand: cfg.Rand, Now: cfg.Now, Memory: cfg.Memory,
		Registry: cfg.Registry, Answers: cfg.Answers}
	return m
}

// String returns the state: nothing of a Machine's contents is for printing.
func (m *Machine) String() string { return "EAP peer " + m.state.String() }

// GoString prints as String does.
func (m *Machine) GoString() string { return m.String() }

func (m *Machine) emit(o ...Output) { m.out = append(m.out, o...) }

func (m *Machine) take() []Output {
	o := m.out
	m.out = nil
	return o
}

func (m *Machine) notef(level slog.Level, format string, args ...any) {
	m.emit(Note{Level: level, Text: "EAP: " + fmt.Sprintf(format, args...)})
}

// Restart begins a new conversation (INITIALIZE): whatever went on is forgotten.
func (m *Machine) Restart() []Output {
	m.reset()
	m.state = StateIdle
	m.emit(SetTimer{DefaultClientTimeout})
	return m.take()
}

// Disable ends the conversation: the port is down.
func (m *Machine) Disable() []Output {
	m.reset()
	m.state = StateDisabled
	m.emit(StopTimer{})
	return m.take()
}

func (m *Machine) reset() {
	m.closeMethod()
	m.decision, m.why = DecisionFail, nil
	m.lastID, m.lastResp = noID, nil
	m.pending, m.need = nil, nil
	m.failed = nil
	m.rounds, m.short = 0, 0
}

func (m *Machine) closeMethod() {
	if m.method != nil {
		m.method.Close()
	}
	m.method, m.kind, m.mstate = nil, nil, MethodStateNone
}

// Receive takes an EAP packet (IDLE and RECEIVED of RFC 4137).
func (m *Machine) Receive(packet []byte) []Output {
	if m.state != StateIdle {
		return nil
	}
	p, err := ParsePacket(packet)
	if err != nil {
		m.notef(slog.LevelDebug, "packet dropped: %v", err)
		return m.take()
	}
	switch p.Code {
	case CodeRequest:
		m.request(p)
	case CodeSuccess:
		m.success(p)
	case CodeFailure:
		m.failure(p)
	default:
		m.notef(slog.LevelDebug, "%v dropped", p.Code)
	}
	return m.take()
}

func (m *Machine) request(p Packet) {
	if m.duplicate(p) {
		m.emit(Respond{Packet: bytes.Clone(m.lastResp)})
		return
	}
	if m.pending != nil {
		if bytes.Equal(p.Raw, m.pending) {
			return // the user is still thinking
		}
		if p.Type == TypeIdentity {
			m.reset() // the server gave up waiting and begins anew
		}
	}
	m.req = p.Type
	if !m.countRound(p) {
		return
	}
	switch {
	case p.Type == TypeNotification:
		m.notification(p)
	case p.Type == TypeIdentity:
		m.identity(p)
	case m.method == nil:
		m.getMethod(p)
	case m.kind.Type == p.Type && m.mstate != MethodStateDone:
		m.runMethod(p)
	default:
		m.notef(slog.LevelDebug, "request of type %v dropped: %v is %v", p.Type, m.kind.Name, m.mstate)
	}
}

// duplicate reports whether p repeats the last answered request. Servers that
// use an identifier twice for different requests are put up with (workaround).
func (m *Machine) duplicate(p Packet) bool {
	if m.lastID != int(p.ID) || m.lastResp == nil {
		return false
	}
	return !m.cfg.Config.Workaround || m.lastHash == sha256.Sum256(p.Raw)
}

// countRound guards against conversations without end.
func (m *Machine) countRound(p Packet) bool {
	m.rounds++
	if len(p.Raw) < shortMessage && len(m.lastResp) < shortMessage {
		m.short++
	} else {
		m.short = 0
	}
	if m.rounds <= maxRounds && m.short <= maxShortRounds {
		return true
	}
	text := fmt.Sprintf("more than %d authentication rounds - abort", maxRounds)
	if m.rounds <= maxRounds {
		text = fmt.Sprintf("more than %d authentication rounds (short) - abort", maxShortRounds)
	}
	m.notef(slog.LevelInfo, "%s", text)
	m.fail(&Reason{Check: "rounds", Detail: text})
	return false
}

func (m *Machine) notification(p Packet) {
	if len(p.Data) > 0 {
		m.emit(Notification{Text: bytes.Clone(p.Data)})
	}
	m.respond(p, Response(p.ID, TypeNotification))
}

func (m *Machine) identity(p Packet) {
	if m.method != nil {
		m.notef(slog.LevelDebug, "identity request dropped in the middle of %v", m.kind.Name)
		return
	}
	if m.pending == nil {
		m.emit(Started{})
	}
	id, need := m.outerIdentity()
	if need != nil {
		m.wait(p, need)
		return
	}
	m.respond(p, Response(p.ID, TypeIdentity, id))
}

// outerIdentity chooses what is told in the clear: what the preferred method
// remembers, then the anonymous identity, then the user's.
func (m *Machine) outerIdentity() ([]byte, *Need) {
	if c := m.cfg.Config; len(c.Methods) > 0 {
		if k := m.cfg.Registry.Find(c.Methods[0]); k != nil && k.Identity != nil {
			if id := k.Identity(&m.env); id != nil {
				return id, nil
			}
		}
	}
	if m.cfg.Config.AnonymousIdentity != nil {
		return m.cfg.Config.AnonymousIdentity, nil
	}
	return m.env.Identity()
}

// wait keeps a request until the user answers.
func (m *Machine) wait(p Packet, need *Need) {
	m.pending, m.need = bytes.Clone(p.Raw), need
	m.emit(NeedCredential{*need}, SetTimer{DefaultClientTimeout})
}

// Answer supplies a credential. It goes on with the request that waited for it;
// an answer nobody waits for is kept for later.
func (m *Machine) Answer(f Field, value keys.Secret) []Output {
	m.cfg.Answers.Put(f, value)
	if m.state != StateIdle || m.need == nil || m.need.Field != f {
		return nil
	}
	p, err := ParsePacket(m.pending)
	if err != nil {
		return nil
	}
	switch {
	case p.Type == TypeIdentity:
		m.identity(p)
	case m.method == nil:
		m.getMethod(p)
	default:
		m.runMethod(p)
	}
	return m.take()
}

// Waiting returns what the user is asked for, or nil.
func (m *Machine) Waiting() *Need { return m.need }

func (m *Machine) respond(p Packet, resp []byte) {
	m.lastID, m.lastHash, m.lastResp = int(p.ID), sha256.Sum256(p.Raw), bytes.Clone(resp)
	m.pending, m.need = nil, nil
	after := DefaultClientTimeout
	if m.mstate == MethodStateDone && m.decision == DecisionFail {
		after = refusedTimeout
	}
	m.emit(Respond{Packet: resp}, SetTimer{after})
}

// getMethod is GET_METHOD: begin the proposed method or refuse it.
func (m *Machine) getMethod(p Packet) {
	first := m.pending == nil // else asked before, for a credential
	k := m.allowed(p.Type)
	if first {
		m.emit(ProposedMethod{Type: p.Type, Nak: k == nil})
	}
	if k == nil {
		m.respond(p, m.nak(p))
		return
	}
	method, err := k.New(&m.env)
	if err != nil {
		if n, ok := err.(*NeedError); ok {
			m.wait(p, &n.Need)
			return
		}
		m.refuse(p, k, err)
		return
	}
	m.kind, m.method = k, method
	m.mstate, m.decision = MethodStateInit, DecisionFail
	m.emit(MethodSelected{Type: k.Type, Name: k.Name})
	m.runMethod(p)
}

func (m *Machine) refuse(p Packet, k *Kind, err error) {
	if m.failed == nil {
		m.failed = make(map[Type]bool)
	}
	m.failed[k.Type] = true
	m.why = &Reason{Check: "configuration", Detail: fmt.Sprintf("EAP-%s cannot begin: %v", k.Name, err)}
	m.emit(MethodRefused{Type: k.Type, Err: err})
	m.respond(p, m.nak(p))
}

// allowed returns the method of that type if configuration lets it be the outer one.
func (m *Machine) allowed(t Type) *Kind {
	k := m.cfg.Registry.Find(t)
	if k == nil || !k.Outer || m.failed[t] || t == TypeMD5 && !m.cfg.Config.Wired {
		return nil
	}
	if len(m.cfg.Config.Methods) == 0 {
		return k
	}
	for _, c := range m.cfg.Config.Methods {
		if c == t {
			return k
		}
	}
	return nil
}

// preference lists the acceptable outer methods, the preferred one first.
func (m *Machine) preference() []Type {
	list := m.cfg.Config.Methods
	if len(list) == 0 {
		for _, k := range m.cfg.Registry {
			list = append(list, k.Type)
		}
	}
	var out []Type
	for _, t := range list {
		if m.allowed(t) != nil {
			out = append(out, t)
		}
	}
	return out
}

// nak builds the refusal of p's type (5.3).
func (m *Machine) nak(p Packet) []byte { return buildNak(p, m.preference()) }

// buildNak answers an expanded type with an expanded Nak (5.3.2), others with
// the legacy one (5.3.1).
func buildNak(p Packet, list []Type) []byte {
	var data []byte
	if p.Raw[headerLen] == typeExpanded {
		for _, t := range list {
			data = appendExpanded(data, t)
		}
		if len(list) == 0 {
			data = appendExpanded(data, TypeNone)
		}
		raw := append([]byte{byte(CodeResponse), p.ID, 0, 0}, appendExpanded(nil, TypeNak)...)
		raw = append(raw, data...)
		raw[2], raw[3] = byte(len(raw)>>8), byte(len(raw))
		return raw
	}
	expanded := false
	for _, t := range list {
		if t.Vendor == 0 {
			data = append(data, byte(t.Number))
		} else if !expanded {
			expanded = true
			data = append(data, typeExpanded)
		}
	}
	if len(data) == 0 {
		data = []byte{0}
	}
	return Response(p.ID, TypeNak, data)
}

func appendExpanded(b []byte, t Type) []byte {
	return append(b, typeExpanded, byte(t.Vendor>>16), byte(t.Vendor>>8), byte(t.Vendor),
		byte(t.Number>>24), byte(t.Number>>16), byte(t.Number>>8), byte(t.Number))
}

// runMethod is METHOD.
func (m *Machine) runMethod(p Packet) {
	r := m.method.Process(Request{ID: p.ID, Data: p.Data, Packet: p.Raw})
	m.emit(r.Outputs...)
	if r.Need != nil {
		m.wait(p, r.Need)
		return
	}
	if r.Ignore != nil {
		m.notef(slog.LevelDebug, "EAP-%s: request dropped: %v", m.kind.Name, r.Ignore)
		return
	}
	m.mstate, m.decision = r.State, r.Decision
	if r.Why != nil {
		m.why = r.Why
	}
	if r.Response != nil {
		m.respond(p, r.Response)
		if r.Complete && r.Decision != DecisionFail {
			m.succeed(false)
		}
		return
	}
	if r.State == MethodStateDone && r.Decision == DecisionFail {
		m.fail(nil)
		return
	}
	m.notef(slog.LevelDebug, "EAP-%s: no response", m.kind.Name)
}
