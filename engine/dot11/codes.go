package dot11

import "fmt"

// Status is a status code (9.4.1.9).
type Status uint16

// Status codes the supplicant acts on.
const (
	StatusSuccess                   Status = 0
	StatusUnspecifiedFailure        Status = 1
	StatusRejectedAlternative       Status = 2
	StatusRejected                  Status = 3
	StatusCapsUnsupported           Status = 10
	StatusReassocNoAssoc            Status = 11
	StatusAssocDenied               Status = 12
	StatusAuthAlgUnsupported        Status = 13
	StatusAuthTransaction           Status = 14
	StatusChallengeFail             Status = 15
	StatusAuthTimeout               Status = 16
	StatusAPFull                    Status = 17
	StatusRatesUnsupported          Status = 18
	StatusAssocTryAgain             Status = 30 // refused temporarily, Timeout Interval tells for how long
	StatusRobustMgmtPolicy          Status = 31
	StatusUnspecifiedQoS            Status = 32
	StatusPoorChannel               Status = 34
	StatusRequestDeclined           Status = 37
	StatusInvalidParameters         Status = 38
	StatusInvalidElement            Status = 40
	StatusInvalidGroupCipher        Status = 41
	StatusInvalidPairwiseCipher     Status = 42
	StatusInvalidAKMP               Status = 43
	StatusUnsupportedRSNEVersion    Status = 44
	StatusInvalidRSNCaps            Status = 45
	StatusCipherOutOfPolicy         Status = 46
	StatusInvalidFTActionCount      Status = 52
	StatusInvalidPMKID              Status = 53
	StatusInvalidMDE                Status = 54
	StatusInvalidFTE                Status = 55
	StatusAntiCloggingToken         Status = 76
	StatusUnsupportedGroup          Status = 77
	StatusSuggestedBSSTransition    Status = 82
	StatusUnknownPasswordIdentifier Status = 123
	StatusSAEHashToElement          Status = 126
	StatusSAEPK                     Status = 127
	StatusInvalidPublicKey          Status = 136
)

var statusNames = [...]string{
	0:   "success",
	1:   "unspecified failure",
	2:   "TDLS rejected, alternative provided",
	3:   "TDLS rejected",
	5:   "security disabled",
	6:   "unacceptable lifetime",
	7:   "not in same BSS",
	10:  "capabilities not supported",
	11:  "reassociation denied, no association",
	12:  "association denied",
	13:  "authentication algorithm not supported",
	14:  "authentication transaction out of sequence",
	15:  "challenge failure",
	16:  "authentication timeout",
	17:  "AP has too many stations",
	18:  "basic rates not supported",
	19:  "short preamble required",
	22:  "spectrum management required",
	23:  "power capability not acceptable",
	24:  "supported channels not acceptable",
	25:  "short slot time required",
	27:  "HT features required",
	28:  "R0KH unreachable",
	29:  "PCO transition time required",
	30:  "refused temporarily, try again later",
	31:  "robust management frame policy violation",
	32:  "unspecified QoS failure",
	33:  "insufficient bandwidth",
	34:  "poor channel conditions",
	35:  "QoS required",
	37:  "request declined",
	38:  "invalid parameters",
	39:  "rejected with suggested changes",
	40:  "invalid element",
	41:  "invalid group cipher",
	42:  "invalid pairwise cipher",
	43:  "invalid AKMP",
	44:  "unsupported RSNE version",
	45:  "invalid RSNE capabilities",
	46:  "cipher suite rejected by policy",
	47:  "TS not created, try later",
	48:  "direct link not allowed",
	49:  "destination not present",
	50:  "destination not a QoS station",
	51:  "listen interval too large",
	52:  "invalid FT action frame count",
	53:  "invalid PMKID",
	54:  "invalid MDE",
	55:  "invalid FTE",
	56:  "TCLAS processing not supported",
	57:  "insufficient TCLAS resources",
	58:  "try another BSS",
	59:  "GAS advertisement protocol not supported",
	60:  "no outstanding GAS request",
	61:  "no GAS response from server",
	62:  "GAS query timeout",
	63:  "GAS response too large",
	64:  "refused by home network",
	65:  "advertisement server unreachable",
	67:  "refused for SSPN permissions",
	68:  "unauthenticated access not supported",
	72:  "invalid RSNE contents",
	73:  "U-APSD coexistence not supported",
	74:  "U-APSD coexistence mode not supported",
	75:  "interval not supported with U-APSD coexistence",
	76:  "anti-clogging token required",
	77:  "finite cyclic group not supported",
	78:  "no alternative TBTT found",
	79:  "transmission failure",
	80:  "TCLAS not supported",
	81:  "TCLAS resources exhausted",
	82:  "rejected with suggested BSS transition",
	83:  "rejected with recommended schedule",
	84:  "no wakeup schedule given",
	85:  "success, destination in power save",
	86:  "FST pending, admitting session",
	87:  "performing FST now",
	88:  "FST pending, gap in block ack window",
	89:  "rejected for U-PID setting",
	92:  "refused for external reason",
	93:  "refused, AP out of memory",
	94:  "emergency services not supported",
	95:  "GAS response not yet received",
	96:  "rejected for DSE band",
	97:  "TCLAS processing terminated",
	98:  "TS schedule conflict",
	99:  "denied with suggested band and channel",
	100: "reservation conflict",
	101: "MAF limit exceeded",
	102: "MCCA track limit exceeded",
	103: "denied for spectrum management",
	104: "VHT features required",
	105: "enablement denied",
	106: "restriction from authorized GDB",
	107: "authorization deenabled",
	108: "energy limited operation not supported",
	109: "block ack negotiation refused",
	110: "max away duration not acceptable",
	111: "flow control operation not supported",
	112: "FILS authentication failure",
	113: "unknown authentication server",
	116: "notification period allocation failed",
	117: "channel splitting failed",
	118: "allocation failed",
	119: "CMMG features required",
	120: "GAS fragment not available",
	121: "success, CAG version matches",
	122: "GLK not authorized",
	123: "unknown password identifier",
	124: "TCLAS terminated, insufficient QoS capacity",
	125: "TCLAS terminated, policy conflict",
	126: "SAE hash-to-element",
	127: "SAE-PK",
	130: "MLD of the station has another association",
	133: "TID-to-link mapping denied",
	134: "preferred TID-to-link mapping suggested",
	135: "EHT features required",
	136: "invalid public key",
	137: "PASN base AKMP failed",
	138: "OCI mismatch",
}

// Name returns a short description; empty for an unassigned code.
func (s Status) Name() string { return nameIn(statusNames[:], int(s)) }

// String returns the number and the description.
func (s Status) String() string { return codeText(uint16(s), s.Name()) }

func codeText(n uint16, name string) string {
	if name == "" {
		name = "unassigned"
	}
	return fmt.Sprintf("%d (%s)", n, name)
}

// Reason is a reason code (9.4.1.7).
type Reason uint16

// Reason codes the supplicant uses or acts on.
const (
	ReasonUnspecified            Reason = 1
	ReasonPrevAuthInvalid        Reason = 2
	ReasonDeauthLeaving          Reason = 3
	ReasonInactivity             Reason = 4
	ReasonAPBusy                 Reason = 5
	ReasonClass2FromNonauth      Reason = 6
	ReasonClass3FromNonassoc     Reason = 7
	ReasonDisassocLeaving        Reason = 8
	ReasonAssocWithoutAuth       Reason = 9
	ReasonBSSTransition          Reason = 12
	ReasonInvalidElement         Reason = 13
	ReasonMICFailure             Reason = 14
	Reason4WayTimeout            Reason = 15
	ReasonGroupKeyTimeout        Reason = 16
	ReasonElementMismatch        Reason = 17
	ReasonInvalidGroupCipher     Reason = 18
	ReasonInvalidPairwiseCipher  Reason = 19
	ReasonInvalidAKMP            Reason = 20
	ReasonUnsupportedRSNEVersion Reason = 21
	ReasonInvalidRSNCaps         Reason = 22
	Reason8021XFailed            Reason = 23
	ReasonCipherOutOfPolicy      Reason = 24
	ReasonTDLSUnreachable        Reason = 25
	ReasonTDLSUnspecified        Reason = 26
	ReasonNotAuthorized          Reason = 30
	ReasonLowAck                 Reason = 34
	ReasonStationLeaving         Reason = 36
	ReasonTimeout                Reason = 39
	ReasonInvalidFTActionCount   Reason = 48
	ReasonInvalidPMKID           Reason = 49
	ReasonInvalidMDE             Reason = 50
	ReasonInvalidFTE             Reason = 51
	ReasonMeshPeeringCanceled    Reason = 52
	ReasonPoorRSSI               Reason = 71
)

var reasonNames = [...]string{
	1: "unspecified", 2: "previous authentication no longer valid", 3: "deauthenticated, station is leaving",
	4: "inactivity", 5: "AP cannot handle all stations", 6: "class 2 frame from unauthenticated station",
	7: "class 3 frame from unassociated station", 8: "disassociated, station is leaving",
	9: "association without authentication", 10: "power capability not acceptable",
	11: "supported channels not acceptable", 12: "BSS transition", 13: "invalid element", 14: "MIC failure",
	15: "4-way handshake timeout", 16: "group key handshake timeout", 17: "handshake element mismatch",
	18: "invalid group cipher", 19: "invalid pairwise cipher", 20: "invalid AKMP", 21: "unsupported RSNE version",
	22: "invalid RSNE capabilities", 23: "IEEE 802.1X authentication failed", 24: "cipher suite rejected by policy",
	25: "TDLS peer unreachable", 26: "TDLS teardown, unspecified", 27: "session terminated by SSP",
	28: "no SSP roaming agreement", 29: "bad cipher or AKM for SSP", 30: "not authorized at this location",
	31: "TS deleted, QoS AP lacks bandwidth", 32: "unspecified QoS reason", 33: "insufficient bandwidth",
	34: "too many unacknowledged frames", 35: "exceeded TXOP", 36: "station is leaving", 37: "session no longer used",
	38: "mechanism not set up", 39: "timeout", 46: "authorized access limit reached",
	47: "external service requirements", 48: "invalid FT action frame count", 49: "invalid PMKID",
	50: "invalid MDE", 51: "invalid FTE", 52: "mesh peering canceled", 53: "mesh maximum peers",
	54: "mesh configuration policy violation", 55: "mesh close received", 56: "mesh maximum retries",
	57: "mesh confirm timeout", 58: "mesh invalid GTK", 59: "mesh inconsistent parameters",
	60: "mesh invalid security capabilities", 61: "mesh path error, no proxy", 62: "mesh path error, no forwarding",
	63: "mesh path error, unreachable", 64: "MAC address exists in MBSS", 65: "mesh channel switch, regulatory",
	66: "mesh channel switch, unspecified", 67: "transmission link establishment failed",
	68: "alternative channel occupied", 71: "poor RSSI conditions",
}

// Name returns a short description; empty for an unassigned code.
func (r Reason) Name() string { return nameIn(reasonNames[:], int(r)) }

func nameIn(names []string, code int) string {
	if code >= len(names) {
		return ""
	}
	return names[code]
}

// String returns the number and the description.
func (r Reason) String() string { return codeText(uint16(r), r.Name()) }
