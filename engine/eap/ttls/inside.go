package ttls

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/eaptls"
	"gosupplicant/engine/eap/mschapv2"
	"gosupplicant/engine/keys"
)

// begin sends the first message inside, which is the client's (RFC 5281, 11.2).
func (m *method) begin(req eap.Request, r eap.Result) eap.Result {
	var avps []byte
	var need *eap.Need
	var err error
	if m.inner != nil {
		avps, need, err = m.eapIdentity()
	} else {
		avps, need, err = auths[m.auth](m)
	}
	if m.waiting = need != nil; m.waiting {
		r.Need = need
		return r
	}
	if err != nil {
		return m.fail(req, r, &eap.Reason{Check: "password", Detail: err.Error()})
	}
	m.begun = true
	m.decision = eap.DecisionFail
	if m.auth == "PAP" || m.auth == "CHAP" || m.auth == "MSCHAP" {
		m.decision = eap.DecisionCondSucc
	}
	return m.send(req, r, avps)
}

// eapIdentity is the EAP conversation's first message, an answer that nobody asked for.
func (m *method) eapIdentity() ([]byte, *eap.Need, error) {
	in := m.inner.Process(eap.AppendPacket(nil, eap.CodeRequest, 0, eap.TypeIdentity))
	if in.Need != nil {
		return nil, in.Need, nil
	}
	return appendAVP(nil, avpEAPMessage, 0, in.Response), nil, in.Ignore
}

// secrets returns identity and password.
func (m *method) secrets() (id []byte, p eap.Password, need *eap.Need) {
	if id, need = m.env.Identity(); need != nil {
		return nil, p, need
	}
	p, need = m.env.Password()
	return id, p, need
}

var errHash = errors.New("the password is an NT hash, which will not do here")

func (m *method) pap() ([]byte, *eap.Need, error) {
	id, p, need := m.secrets()
	if need != nil {
		return nil, need, nil
	}
	if p.Hash {
		return nil, nil, errHash
	}
	// The length is hidden: zeros up to a multiple of 16 (RFC 5281, 11.2.5).
	padded := append(p.Value.Clone(), make([]byte, (16-len(p.Value)%16)%16)...)
	if len(padded) == 0 {
		padded = make([]byte, 16)
	}
	b := appendAVP(nil, avpUserName, 0, id)
	return appendAVP(b, avpUserPassword, 0, padded), nil, nil
}

// challenge derives what a server would have sent as challenge, and the
// identifier behind it (RFC 5281, 11.1).
func (m *method) challenge(n int) ([]byte, byte, error) {
	c, err := m.s.Export(eaptls.LabelChallenge, nil, n+1)
	if err != nil {
		return nil, 0, err
	}
	return c[:n], c[n], nil
}

func (m *method) chap() ([]byte, *eap.Need, error) {
	id, p, need := m.secrets()
	if need != nil {
		return nil, need, nil
	}
	if p.Hash {
		return nil, nil, errHash
	}
	c, ident, err := m.challenge(16)
	if err != nil {
		return nil, nil, err
	}
	h := md5.New()
	h.Write([]byte{ident})
	h.Write(p.Value)
	h.Write(c)
	b := appendAVP(nil, avpUserName, 0, id)
	b = appendAVP(b, avpCHAPChallenge, 0, c)
	return appendAVP(b, avpCHAPPassword, 0, []byte{ident}, h.Sum(nil)), nil, nil
}

func (m *method) mschap() ([]byte, *eap.Need, error) {
	id, p, need := m.secrets()
	if need != nil {
		return nil, need, nil
	}
	hash, err := mschapv2.HashOf(p)
	if err != nil {
		return nil, nil, err
	}
	defer hash.Zero()
	c, ident, err := m.challenge(8)
	if err != nil {
		return nil, nil, err
	}
	nt := mschapv2.ChallengeResponse([8]byte(c), hash)
	b := appendAVP(nil, avpUserName, 0, id)
	b = appendAVP(b, avpMSCHAPChallenge, vendorMicrosoft, c)
	// Identifier, flags (use the NT response), LM response, NT response.
	return appendAVP(b, avpMSCHAPResponse, vendorMicrosoft, []byte{ident, 1}, make([]byte, 24), nt[:]), nil, nil
}

func (m *method) mschapv2() ([]byte, *eap.Need, error) {
	id, p, need := m.secrets()
	if need != nil {
		return nil, need, nil
	}
	hash, err := mschapv2.HashOf(p)
	if err != nil {
		return nil, nil, err
	}
	defer hash.Zero()
	auth, ident, err := m.challenge(16)
	if err != nil {
		return nil, nil, err
	}
	peer := make([]byte, 16)
	if _, err := io.ReadFull(m.env.Rand, peer); err != nil {
		return nil, nil, err
	}
	user := mschapv2.User(id)
	nt := mschapv2.NTResponse(auth, peer, user, hash)
	server := mschapv2.AuthenticatorResponse(hash, nt, peer, auth, user)
	m.proof = proof{ident: ident, want: "S=" + strings.ToUpper(hex.EncodeToString(server[:]))}
	b := appendAVP(nil, avpUserName, 0, id)
	b = appendAVP(b, avpMSCHAPChallenge, vendorMicrosoft, auth)
	// Identifier, flags, peer challenge, 8 zeros, NT response.
	return appendAVP(b, avpMSCHAP2Response, vendorMicrosoft, []byte{ident, 0}, peer, make([]byte, 8), nt[:]), nil, nil
}

// inside handles AVPs of the server.
func (m *method) inside(req eap.Request, r eap.Result, plain []byte) eap.Result {
	avps, err := parseAVPs(plain)
	if err != nil {
		return m.fail(req, r, &eap.Reason{Check: "tls", Detail: "inside the tunnel: " + err.Error()})
	}
	var packet []byte
	for _, a := range avps {
		switch {
		case a.vendor == 0 && a.code == avpEAPMessage:
			packet = append(packet, a.data...)
		case a.vendor == 0 && a.code == avpReplyMessage:
			r.Outputs = append(r.Outputs, eap.ServerMessage{Text: string(a.data)})
		case a.vendor == vendorMicrosoft && a.code == avpMSCHAP2Success && m.auth == "MSCHAPV2":
			if err := m.checkProof(a.data); err != nil {
				return m.fail(req, r, &eap.Reason{Check: "server proof", Detail: err.Error()})
			}
			m.done, m.decision = true, eap.DecisionCondSucc
		case a.vendor == vendorMicrosoft && a.code == avpMSCHAPError && m.auth != "EAP":
			return m.refused(req, r, a.data)
		case a.mandatory:
			return m.fail(req, r, &eap.Reason{Check: "tls", Detail: fmt.Sprintf("mandatory AVP %d of vendor %d is not known", a.code, a.vendor)})
		}
	}
	if packet != nil && m.inner != nil {
		return m.innerEAP(req, r, plain, packet)
	}
	if !m.begun && !m.done {
		return m.begin(req, r)
	}
	return m.reply(req, r, m.s.Reply())
}

// checkProof holds MS-CHAP2-Success to the proof (RFC 5281, 11.2.4).
func (m *method) checkProof(data []byte) error {
	if m.proof.want == "" || len(data) < 1+len(m.proof.want) || data[0] != m.proof.ident {
		return errors.New("the server's MS-CHAP2-Success does not belong to the answer")
	}
	if !keys.Equal(data[1:1+len(m.proof.want)], []byte(m.proof.want)) {
		return errors.New("the server does not know the password (wrong S= in MS-CHAP2-Success)")
	}
	return nil
}

// refused reports MS-CHAP-Error ("E=691 R=0 …").
func (m *method) refused(req eap.Request, r eap.Result, data []byte) eap.Result {
	text, code := "", 0
	if len(data) > 1 {
		text = string(data[1:])
	}
	for _, w := range strings.Fields(text) {
		if v, ok := strings.CutPrefix(w, "E="); ok {
			code, _ = strconv.Atoi(v)
		}
	}
	r.Outputs = append(r.Outputs, eap.ServerMessage{Text: text, Code: code})
	detail := "the server refused the password"
	if code != 0 {
		detail += fmt.Sprintf(" (error %d)", code)
	}
	return m.fail(req, r, &eap.Reason{Check: "password", Remote: true, Detail: detail})
}

// innerEAP gives an EAP request to the method inside.
func (m *method) innerEAP(req eap.Request, r eap.Result, plain, packet []byte) eap.Result {
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
		r.Outputs = append(r.Outputs, eap.Note{Level: slog.LevelDebug, Text: "EAP-TTLS: inner request dropped: " + in.Ignore.Error()})
		return m.reply(req, r, m.s.Reply())
	}
	m.begun = true
	if in.Why != nil {
		m.why, r.Why = in.Why, in.Why
	}
	m.decision = in.Decision
	if in.Response == nil {
		return m.reply(req, r, m.s.Reply())
	}
	return m.send(req, r, appendAVP(nil, avpEAPMessage, 0, in.Response))
}
