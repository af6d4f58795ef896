package peap

import (
	"encoding/binary"
	"log/slog"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

// inside handles what came out of the tunnel.
func (m *method) inside(req eap.Request, r eap.Result, plain []byte) eap.Result {
	packet := m.unwrap(req.ID, plain)
	p, err := eap.ParsePacket(packet)
	if err != nil {
		return m.refuse(req, r, "tls", "inside the tunnel: "+err.Error())
	}
	switch {
	case p.Code == eap.CodeRequest && p.Type == eap.TypeTLV:
		return m.extensions(req, r, p)
	case p.Code == eap.CodeRequest:
		return m.innerRequest(req, r, packet, plain)
	case p.Code == eap.CodeSuccess && m.version == 1:
		return m.innerSuccess(req, r, p)
	case p.Code == eap.CodeFailure:
		r.State = eap.MethodStateMayCont
		if r.Why = m.why; r.Why == nil {
			r.Why = &eap.Reason{Check: "server refused", Remote: true, Inner: m.inner.Type(), Detail: "the server refused inside the tunnel"}
		}
		return m.send(req, r, []byte{byte(eap.CodeFailure), p.ID, 0, 4})
	}
	return m.send(req, r, nil)
}

// unwrap restores the header that version 0 leaves out of most packets.
func (m *method) unwrap(id uint8, plain []byte) []byte {
	if m.version == 1 || len(plain) >= 5 && eap.Code(plain[0]) == eap.CodeRequest && plain[1] == id &&
		int(binary.BigEndian.Uint16(plain[2:])) == len(plain) {
		return plain
	}
	n := 4 + len(plain)
	if n > eap.MaxPacket {
		return plain
	}
	return append([]byte{byte(eap.CodeRequest), id, byte(n >> 8), byte(n)}, plain...)
}

// innerRequest gives a request to the method inside.
func (m *method) innerRequest(req eap.Request, r eap.Result, packet, plain []byte) eap.Result {
	in := m.inner.Process(packet)
	r.Outputs = append(r.Outputs, in.Outputs...)
	if in.Need != nil {
		if m.pending == nil {
			m.pending = append([]byte{}, plain...)
		}
		r.Need = in.Need
		return r
	}
	m.pending = nil
	if in.Ignore != nil {
		return m.refuseQuietly(req, r, in.Ignore)
	}
	m.innerSeen = m.innerSeen || m.inner.Name() != ""
	if in.Why != nil {
		r.Why = in.Why
	}
	m.innerOK = in.Decision != eap.DecisionFail && in.State >= eap.MethodStateMayCont
	if in.Response == nil {
		r.State = eap.MethodStateMayCont
		return m.send(req, r, nil)
	}
	resp := in.Response
	if m.version == 0 {
		resp = resp[4:] // also when the request had a header, as FreeRADIUS's identity request does
	}
	return m.send(req, r, resp)
}

// refuseQuietly answers a request that the method inside dropped: the tunnel
// cannot stay silent, so it acknowledges.
func (m *method) refuseQuietly(req eap.Request, r eap.Result, err error) eap.Result {
	r.Outputs = append(r.Outputs, eap.Note{Level: slog.LevelDebug, Text: "EAP-PEAP: inner request dropped: " + err.Error()})
	return m.send(req, r, nil)
}

func (m *method) refuse(req eap.Request, r eap.Result, check, detail string) eap.Result {
	r.State, r.Decision = eap.MethodStateDone, eap.DecisionFail
	r.Why = &eap.Reason{Check: check, Detail: detail, Inner: m.inner.Type()}
	return m.send(req, r, nil)
}

// satisfied tells whether what ran inside is enough for success.
func (m *method) satisfied() (bool, string) {
	switch {
	case m.innerOK:
		return true, ""
	case m.innerSeen:
		return false, "the server claims success before the method inside ended well"
	case m.phase2 == 0:
		return true, ""
	case m.phase2 == 1 && (m.s.Resumed() || m.s.ClientCertificate()):
		return true, ""
	}
	return false, "the server wants to skip the method inside the tunnel (phase2_auth)"
}

// innerSuccess ends version 1.
func (m *method) innerSuccess(req eap.Request, r eap.Result, p eap.Packet) eap.Result {
	if ok, why := m.satisfied(); !ok {
		return m.refuse(req, r, "phase 2", why)
	}
	r.State, r.Decision = eap.MethodStateDone, eap.DecisionCondSucc
	switch m.outer {
	case 0:
		r.Complete = true
	case 1:
		return m.send(req, r, []byte{byte(eap.CodeSuccess), p.ID, 0, 4})
	}
	return m.send(req, r, nil)
}

// extensions answers the EAP extensions method: result and crypto-binding.
func (m *method) extensions(req eap.Request, r eap.Result, p eap.Packet) eap.Result {
	x, err := parseExtensions(p.Data)
	if err != nil {
		return m.refuse(req, r, "tlv", err.Error())
	}
	if x.mandatory != 0 {
		nak := []byte{tlvMandatory >> 8, tlvNak, 0, 6, 0, 0, 0, 0, byte(x.mandatory >> 8), byte(x.mandatory)}
		r.State = eap.MethodStateMayCont
		return m.send(req, r, eap.Response(p.ID, eap.TypeTLV, nak))
	}
	var bind []byte
	why := m.judge(x)
	if why == nil && x.binding != nil && m.binding > 0 {
		if bind, err = m.bind(); err != nil {
			why = &eap.Reason{Check: "crypto-binding", Detail: err.Error()}
		}
	}
	status := byte(resultOK)
	r.State, r.Decision = eap.MethodStateDone, eap.DecisionCondSucc
	if why != nil {
		status, r.Decision, r.Why = resultFailed, eap.DecisionFail, why
		bind = nil
	}
	result := []byte{tlvMandatory >> 8, tlvResult, 0, 2, 0, status}
	return m.send(req, r, eap.Response(p.ID, eap.TypeTLV, result, bind))
}

// judge decides whether the result of the server is accepted.
func (m *method) judge(x extensions) *eap.Reason {
	no := func(check, detail string) *eap.Reason {
		return &eap.Reason{Check: check, Detail: detail, Inner: m.inner.Type()}
	}
	if x.result == resultFailed {
		if m.why != nil {
			return m.why
		}
		return &eap.Reason{Check: "server refused", Remote: true, Inner: m.inner.Type(), Detail: "the server reports failure inside the tunnel"}
	}
	if x.result != resultOK {
		return no("tlv", "the server's TLVs hold no result")
	}
	if ok, why := m.satisfied(); !ok {
		return no("phase 2", why)
	}
	switch {
	case m.binding == 0:
		return nil
	case x.binding == nil && m.binding == 2:
		return no("crypto-binding", "the server sent no crypto-binding and crypto_binding=2 asks for it")
	case x.binding == nil:
		return nil
	}
	err := m.checkBinding(x.binding)
	if err != nil {
		return no("crypto-binding", err.Error())
	}
	return nil
}

// checkBinding verifies the server's crypto-binding and keeps the keys of it.
func (m *method) checkBinding(tlv []byte) error {
	if m.bound {
		return m.cmp.checkBinding(tlv, m.version)
	}
	var err error
	for _, tunnel := range []keys.Secret{m.keys.MSK, m.shortTunnel} {
		if len(tunnel) == 0 {
			continue
		}
		m.cmp = m.compound(tunnel)
		if err = m.cmp.checkBinding(tlv, m.version); err == nil {
			return nil
		}
	}
	return err
}

// compound derives the keys of the binding: from the tunnel alone after
// resumption, else with those of the method inside, zeros if it makes none.
func (m *method) compound(tunnel keys.Secret) compound {
	if m.s.Resumed() && !m.innerSeen {
		return compound{ipmk: tunnel[:40].Clone(), cmk: tunnel[40:60].Clone()}
	}
	var isk keys.Secret
	if k := m.inner.Keys(); m.innerOK && k != nil {
		isk = k.MSK
	}
	return newCompound(tunnel, isk)
}

// bind builds the answer's TLV and takes the keys of the binding.
func (m *method) bind() ([]byte, error) {
	tlv, err := m.cmp.answerBinding(m.version, m.env.Rand)
	if err != nil {
		return nil, err
	}
	if !m.bound {
		m.bound = true
		m.keys.MSK, m.keys.EMSK = m.cmp.keys()
	}
	return tlv, nil
}
