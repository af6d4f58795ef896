package wext

import (
	"bytes"
	"encoding/hex"
	"strings"

	"gosupplicant/engine/dot11"
)

// notice is what a wireless event means to an interface.
type notice struct {
	kind     noticeKind
	addr     dot11.MAC // of noticeAP (zero: no association), noticeMIC, noticeCandidate
	ies      []byte    // of noticeRequest and noticeResponse
	pairwise bool      // of noticeMIC
	index    int       // of noticeCandidate
	preauth  bool      // of noticeCandidate
}

type noticeKind uint8

const (
	noticeScanDone  noticeKind = iota
	noticeAP                   // associated, or no longer
	noticeRequest              // elements of the association request
	noticeResponse             // elements of the association response
	noticeMIC                  // Michael check failed
	noticeCandidate            // an AP to pre-authenticate with
)

// parseEvents reads the wireless part of a link message. What stands before a
// fault counts.
func (l layout) parseEvents(b []byte) (list []notice, err error) {
	for e, fault := range l.events(b) {
		if fault != nil {
			return list, fault
		}
		switch e.cmd {
		case cmdGetScan:
			list = append(list, notice{kind: noticeScanDone})
		case cmdGetAP:
			list = append(list, notice{kind: noticeAP, addr: sockaddr(e.fixed)})
		case evAssocReqIE:
			list = append(list, notice{kind: noticeRequest, ies: bytes.Clone(e.data)})
		case evAssocRespIE:
			list = append(list, notice{kind: noticeResponse, ies: bytes.Clone(e.data)})
		case evMICFailure:
			if n, ok := michael(e.data); ok {
				list = append(list, n)
			}
		case evPMKIDCand:
			if n, ok := candidate(e.data); ok {
				list = append(list, n)
			}
		case evCustom:
			list = append(list, customNotices(string(e.data))...)
		}
	}
	return list, nil
}

// sockaddr is the address behind a family, zero for none.
func sockaddr(b []byte) (m dot11.MAC) {
	if len(b) >= 8 {
		copy(m[:], b[2:])
	}
	if !isAssociation(m) {
		return dot11.MAC{}
	}
	return m
}

// michael reads struct iw_michaelmicfailure: flags (4), address (16), counter.
func michael(b []byte) (notice, bool) {
	const group = 4
	if len(b) < 20 {
		return notice{}, false
	}
	return notice{kind: noticeMIC, addr: sockaddr(b[4:20]), pairwise: order.Uint32(b)&group == 0}, true
}

// candidate reads struct iw_pmkid_cand: flags, index (4 each), address (16).
func candidate(b []byte) (notice, bool) {
	const preauth = 1
	if len(b) < 24 {
		return notice{}, false
	}
	n := notice{kind: noticeCandidate, addr: sockaddr(b[8:]), index: int(int32(order.Uint32(b[4:]))), preauth: order.Uint32(b)&preauth != 0}
	return n, !n.addr.IsZero()
}

// customNotices reads the sentences by which drivers older than version 18 say
// what has its own event since:
//
//	MLME-MICHAELMICFAILURE.indication(keyid=1 broadcast addr=00:00:00:00:00:00)
//	ASSOCINFO(ReqIEs=0001.. RespIEs=0104.. beaconIEs=..)
func customNotices(s string) (list []notice) {
	s = strings.TrimRight(s, "\x00")
	if text, ok := strings.CutPrefix(s, "MLME-MICHAELMICFAILURE.indication"); ok {
		n := notice{kind: noticeMIC, pairwise: !strings.Contains(text, " broadcast ")}
		if _, addr, ok := strings.Cut(text, "addr="); ok && len(addr) >= 17 {
			if m, err := dot11.ParseMAC(addr[:17]); err == nil && isAssociation(m) { // else it is the AP
				n.addr = m
			}
		}
		return []notice{n}
	}
	text, ok := strings.CutPrefix(s, "ASSOCINFO(")
	if !ok {
		return nil
	}
	for word := range strings.FieldsSeq(strings.TrimSuffix(text, ")")) {
		for prefix, kind := range map[string]noticeKind{"ReqIEs=": noticeRequest, "RespIEs=": noticeResponse} {
			if v, ok := strings.CutPrefix(word, prefix); ok {
				if ies, err := hex.DecodeString(v); err == nil {
					list = append(list, notice{kind: kind, ies: ies})
				}
			}
		}
	}
	return list
}
