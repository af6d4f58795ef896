package sim

import (
	"bytes"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

// errCard tells that the card refused or its answer cannot be used.
var errCard = errors.New("sim: card")

// triplet is the card's answer to one GSM challenge.
type triplet struct {
	kc   [8]byte
	sres [4]byte
}

// quintet is the card's answer to a UMTS challenge: either the first three, or
// auts when the sequence number is not fresh.
type quintet struct {
	res, ck, ik []byte
	auts        []byte
}

// card does the sums. A Need asks the user's program for them.
type card interface {
	gsm(rands [][]byte) ([]triplet, *eap.Need, error)
	umts(rand, autn []byte) (*quintet, *eap.Need, error)
}

// newCard returns the configured card.
func newCard(env *eap.Env) (card, error) {
	c := env.Config
	switch {
	case c.ExternalSIM:
		return &externalCard{env: env}, nil
	case c.PCSC != "":
		return nil, fmt.Errorf("%w: card readers (pcsc) are not built: set external_sim=1 and answer the SIM prompts", eap.ErrConfig)
	case !c.Password.Set():
		return nil, fmt.Errorf("%w: no card: set external_sim=1, or the password to Ki:OPc[:SQN]", eap.ErrConfig)
	}
	m, sqn, err := parseSoftCard(c.Password.Value)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", eap.ErrConfig, err)
	}
	return &softCard{m: m, sqn: sqn, memory: env.Memory}, nil
}

// softCard is a card in the configuration.
type softCard struct {
	m      *Milenage
	sqn    [sqnLen]byte // configured: the highest one used so far
	memory *eap.Memory
}

// sqnKey is where the highest sequence number is remembered, as [sqnLen]byte.
type sqnKey struct{}

func (s *softCard) gsm(rands [][]byte) ([]triplet, *eap.Need, error) {
	out := make([]triplet, len(rands))
	for i, r := range rands {
		out[i].kc, out[i].sres = s.m.GSM(r)
	}
	return out, nil, nil
}

// umts is the check of 3GPP TS 33.102, 6.3.3.
func (s *softCard) umts(rand, autn []byte) (*quintet, *eap.Need, error) {
	res, ck, ik, ak, _ := s.m.F2345(rand)
	var sqn [sqnLen]byte
	subtle.XORBytes(sqn[:], autn, ak)
	macA, _ := s.m.F1(rand, sqn[:], autn[sqnLen:8])
	if !keys.Equal(macA, autn[8:]) {
		return nil, nil, fmt.Errorf("%w: AUTN does not verify: the operator does not know the key", errCard)
	}
	last := s.sqn
	if known, ok := s.memory.Load(sqnKey{}).([sqnLen]byte); ok && bytes.Compare(known[:], last[:]) > 0 {
		last = known
	}
	if bytes.Compare(sqn[:], last[:]) <= 0 {
		return &quintet{auts: s.m.auts(rand, last[:])}, nil, nil
	}
	s.sqn = sqn
	s.memory.Store(sqnKey{}, sqn)
	return &quintet{res: res, ck: ck, ik: ik}, nil, nil
}

// externalCard asks whoever has the card.
type externalCard struct {
	env   *eap.Env
	asked string // the prompt that is open
}

// ask returns the answer to a prompt once it is there. One given to another
// prompt is not taken.
func (e *externalCard) ask(prompt string) (keys.Secret, *eap.Need) {
	if e.asked != prompt {
		e.asked = prompt
		e.env.Answers.Drop(eap.FieldSIM)
	}
	answer, ok := e.env.Answers.Take(eap.FieldSIM)
	if !ok {
		return nil, &eap.Need{Field: eap.FieldSIM, Text: prompt}
	}
	e.asked = ""
	return answer, nil
}

// fields splits "<word>:<hex>:<hex>"; bad hexadecimal is an error.
func fields(answer string) (word string, parts [][]byte, err error) {
	list := strings.Split(strings.TrimSpace(answer), ":")
	for i, p := range list[1:] {
		b, err := hex.DecodeString(p)
		if err != nil {
			return list[0], nil, fmt.Errorf("%w: part %d of the answer %q is not hexadecimal", errCard, i+1, list[0])
		}
		parts = append(parts, b)
	}
	return list[0], parts, nil
}

func (e *externalCard) gsm(rands [][]byte) ([]triplet, *eap.Need, error) {
	prompt := "GSM-AUTH"
	for _, r := range rands {
		prompt += ":" + hex.EncodeToString(r)
	}
	answer, need := e.ask(prompt)
	if need != nil {
		return nil, need, nil
	}
	defer answer.Zero()
	t, err := parseGSM(string(answer), len(rands))
	return t, nil, err
}

// parseGSM reads "GSM-AUTH:<kc>:<sres>:…" for n challenges.
func parseGSM(answer string, n int) ([]triplet, error) {
	word, parts, err := fields(answer)
	switch {
	case err != nil:
		return nil, err
	case word != "GSM-AUTH":
		return nil, fmt.Errorf("%w: it answered %q", errCard, word)
	case len(parts) != 2*n:
		return nil, fmt.Errorf("%w: %d numbers for %d challenges", errCard, len(parts), n)
	}
	out := make([]triplet, n)
	for i := range out {
		kc, sres := parts[2*i], parts[2*i+1]
		if len(kc) != 8 || len(sres) != 4 {
			return nil, fmt.Errorf("%w: Kc of %d and SRES of %d bytes, want 8 and 4", errCard, len(kc), len(sres))
		}
		out[i] = triplet{kc: [8]byte(kc), sres: [4]byte(sres)}
	}
	return out, nil
}

func (e *externalCard) umts(rand, autn []byte) (*quintet, *eap.Need, error) {
	answer, need := e.ask("UMTS-AUTH:" + hex.EncodeToString(rand) + ":" + hex.EncodeToString(autn))
	if need != nil {
		return nil, need, nil
	}
	defer answer.Zero()
	q, err := parseUMTS(string(answer))
	return q, nil, err
}

// parseUMTS reads "UMTS-AUTH:<ik>:<ck>:<res>" or "UMTS-AUTS:<auts>".
func parseUMTS(answer string) (*quintet, error) {
	word, parts, err := fields(answer)
	if err != nil {
		return nil, err
	}
	switch {
	case word == "UMTS-AUTS" && len(parts) == 1 && len(parts[0]) == autsLen:
		return &quintet{auts: parts[0]}, nil
	case word == "UMTS-AUTH" && len(parts) == 3:
		ik, ck, res := parts[0], parts[1], parts[2]
		if len(ik) != 16 || len(ck) != 16 || len(res) < 4 || len(res) > 16 {
			return nil, fmt.Errorf("%w: IK of %d, CK of %d and RES of %d bytes, want 16, 16 and 4 to 16", errCard, len(ik), len(ck), len(res))
		}
		return &quintet{ik: ik, ck: ck, res: res}, nil
	}
	return nil, fmt.Errorf("%w: it answered %q with %d numbers", errCard, word, len(parts))
}
