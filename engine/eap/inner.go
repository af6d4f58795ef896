package eap

import (
	"bytes"
	"fmt"
	"log/slog"
)

// Inner is the EAP conversation inside a tunnel: identity, Nak, and one method.
// The tunnel feeds it the EAP requests it carries; success and failure inside
// are the tunnel's affair. A tunnel that runs several methods (TEAP) makes a new
// Inner for each.
type Inner struct {
	env     Env
	allowed []Type

	kind     *Kind
	method   Method
	state    MethodState
	decision Decision
	lastResp []byte
	lastReq  []byte
	rounds   int
}

// NewInner prepares the conversation in the tunnel of the method that was lent
// env. Names are the methods allowed, the preferred one first; all inner methods
// when empty. An unknown or unfit name is an error that wraps ErrConfig.
func NewInner(env *Env, names []string) (*Inner, error) {
	in := &Inner{env: *env}
	in.env.Phase2 = true
	for _, n := range names {
		k := env.Registry.ByName(n)
		if k == nil || !k.Inner {
			return nil, fmt.Errorf("%w: phase 2 method %q is not known", ErrConfig, n)
		}
		in.allowed = append(in.allowed, k.Type)
	}
	if len(names) == 0 {
		for _, k := range env.Registry {
			if k.Inner && (k.Type != TypeTLS || len(env.Config.Certs2.PrivateKey) > 0) {
				in.allowed = append(in.allowed, k.Type)
			}
		}
	}
	return in, nil
}

// Process takes one EAP request out of the tunnel. Result means what it means
// for methods; State and Decision are those of the inner method (MethodStateNone
// before there is one). Result.Why names the method as Inner.
func (in *Inner) Process(packet []byte) Result {
	p, err := ParsePacket(packet)
	if err != nil {
		return Result{Ignore: err}
	}
	if p.Code != CodeRequest {
		return Result{Ignore: fmt.Errorf("%w: %v inside the tunnel", ErrPacket, p.Code)}
	}
	if in.lastResp != nil && bytes.Equal(p.Raw, in.lastReq) {
		return in.result(in.lastResp)
	}
	if in.rounds++; in.rounds > maxRounds {
		return Result{State: MethodStateDone, Why: &Reason{Check: "rounds", Inner: in.Type(),
			Detail: fmt.Sprintf("more than %d rounds inside the tunnel", maxRounds)}}
	}
	r := in.dispatch(p)
	if r.Why != nil && in.kind != nil {
		r.Why.Inner = in.kind.Type
	}
	if r.Response != nil {
		in.lastReq, in.lastResp = bytes.Clone(p.Raw), bytes.Clone(r.Response)
	}
	return r
}

func (in *Inner) result(resp []byte) Result {
	return Result{Response: bytes.Clone(resp), State: in.state, Decision: in.decision}
}

func (in *Inner) dispatch(p Packet) Result {
	switch {
	case p.Type == TypeIdentity:
		id, need := in.env.Identity()
		if need != nil {
			return Result{Need: need}
		}
		return in.result(Response(p.ID, TypeIdentity, id))
	case p.Type == TypeNotification:
		r := in.result(Response(p.ID, TypeNotification))
		r.Outputs = []Output{Notification{Text: bytes.Clone(p.Data)}}
		return r
	case in.method == nil:
		return in.begin(p)
	case in.kind.Type != p.Type || in.state == MethodStateDone:
		return Result{Ignore: fmt.Errorf("inner request of type %v while EAP-%s is %v", p.Type, in.kind.Name, in.state)}
	}
	return in.run(p, nil)
}

func (in *Inner) begin(p Packet) Result {
	var k *Kind
	for _, t := range in.allowed {
		if t == p.Type {
			k = in.env.Registry.Find(t)
		}
	}
	verdict := "accepted"
	if k == nil {
		verdict = "refused"
	}
	// What is agreed inside is no report: front ends tell of the outer method.
	out := []Output{Note{Level: slog.LevelDebug, Text: fmt.Sprintf("inside the tunnel EAP-%v is proposed and %s", p.Type, verdict)}}
	if k == nil {
		r := in.result(buildNak(p, in.allowed))
		r.Outputs = out
		return r
	}
	method, err := k.New(&in.env)
	if n, ok := err.(*NeedError); ok {
		return Result{Need: &n.Need}
	}
	if err != nil {
		in.allowed = drop(in.allowed, k.Type)
		r := in.result(buildNak(p, in.allowed))
		r.Outputs = append(out, MethodRefused{Type: k.Type, Err: err})
		r.Why = &Reason{Check: "configuration", Inner: k.Type, Detail: fmt.Sprintf("inner EAP-%s cannot begin: %v", k.Name, err)}
		return r
	}
	in.kind, in.method, in.state = k, method, MethodStateInit
	return in.run(p, out)
}

func (in *Inner) run(p Packet, out []Output) Result {
	r := in.method.Process(Request{ID: p.ID, Data: p.Data, Packet: p.Raw})
	r.Outputs = append(out, r.Outputs...)
	if r.Need == nil && r.Ignore == nil {
		in.state, in.decision = r.State, r.Decision
	}
	return r
}

func drop(list []Type, t Type) []Type {
	var out []Type
	for _, x := range list {
		if x != t {
			out = append(out, x)
		}
	}
	return out
}

// Type returns the method's type, TypeNone before there is one.
func (in *Inner) Type() Type {
	if in.kind == nil {
		return TypeNone
	}
	return in.kind.Type
}

// Name returns the method's name, "" before there is one.
func (in *Inner) Name() string {
	if in.kind == nil {
		return ""
	}
	return in.kind.Name
}

// Decision returns the method's decision.
func (in *Inner) Decision() Decision { return in.decision }

// State returns the method's state.
func (in *Inner) State() MethodState { return in.state }

// Keys returns the method's key material, or nil.
func (in *Inner) Keys() *Keys {
	if in.method == nil || in.decision == DecisionFail {
		return nil
	}
	return in.method.Keys()
}

// Close frees the method.
func (in *Inner) Close() {
	if in.method != nil {
		in.method.Close()
	}
}
