package eaptest

import (
	"bytes"

	"gosupplicant/engine/eap"
)

// PlainType is the type of the method Plain.
var PlainType = eap.Type{Number: 250}

// Plain is a method for tests of what is around methods: it answers every
// request with its data reversed, is content once it saw "good", and done with a
// failure when it saw "bad". "need" asks for a password first. Its key is 32
// bytes of 0x42 when keyed.
func Plain(keyed bool) eap.Kind {
	return eap.Kind{Type: PlainType, Name: "PLAIN", Outer: true, Inner: true, New: func(env *eap.Env) (eap.Method, error) {
		return &plain{env: env, keyed: keyed}, nil
	}}
}

type plain struct {
	env   *eap.Env
	keyed bool
	good  bool
}

func (m *plain) Process(r eap.Request) eap.Result {
	out := eap.Result{State: eap.MethodStateCont}
	switch string(r.Data) {
	case "good":
		m.good = true
		out.State, out.Decision = eap.MethodStateDone, eap.DecisionCondSucc
	case "bad":
		out.State, out.Why = eap.MethodStateDone, &eap.Reason{Check: "test", Detail: "the server was bad"}
	case "need":
		if _, need := m.env.Password(); need != nil {
			return eap.Result{Need: need}
		}
	case "maycont":
		out.State = eap.MethodStateMayCont
	}
	data := bytes.Clone(r.Data)
	for i, j := 0, len(data)-1; i < j; i, j = i+1, j-1 {
		data[i], data[j] = data[j], data[i]
	}
	out.Response = eap.Response(r.ID, PlainType, data)
	return out
}

func (m *plain) Keys() *eap.Keys {
	if !m.keyed || !m.good {
		return nil
	}
	return &eap.Keys{MSK: bytes.Repeat([]byte{0x42}, 32)}
}

func (m *plain) Status() []eap.KeyValue { return nil }
func (m *plain) Close()                 {}
