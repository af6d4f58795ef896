package wext

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"gosupplicant/drivers/internal/wireless"
)

// command is an ioctl or event number of wireless extensions.
type command uint16

// Requests and events (linux/wireless.h, version 22).
const (
	cmdGetName   command = 0x8b01 // protocol name; answered by every wireless device
	cmdSetFreq   command = 0x8b04
	cmdGetFreq   command = 0x8b05
	cmdSetMode   command = 0x8b06
	cmdGetMode   command = 0x8b07
	cmdGetRange  command = 0x8b0b
	cmdGetStats  command = 0x8b0f
	cmdSetAP     command = 0x8b14
	cmdGetAP     command = 0x8b15
	cmdMLME      command = wireless.MLME
	cmdSetScan   command = 0x8b18
	cmdGetScan   command = 0x8b19
	cmdSetESSID  command = 0x8b1a
	cmdGetESSID  command = 0x8b1b
	cmdGetRate   command = 0x8b21
	cmdGetEnc    command = 0x8b2b
	cmdSetGenIE  command = 0x8b30
	cmdSetAuth   command = 0x8b32
	cmdSetEncExt command = 0x8b34
	cmdSetPMKSA  command = 0x8b36

	evTxDrop      command = 0x8c00
	evQual        command = 0x8c01
	evCustom      command = 0x8c02
	evRegistered  command = 0x8c03
	evExpired     command = 0x8c04
	evGenIE       command = 0x8c05
	evMICFailure  command = 0x8c06
	evAssocReqIE  command = 0x8c07
	evAssocRespIE command = 0x8c08
	evPMKIDCand   command = 0x8c09
)

var commandNames = map[command]string{
	cmdGetName: "SIOCGIWNAME", cmdGetFreq: "SIOCGIWFREQ", cmdSetMode: "SIOCSIWMODE", cmdGetMode: "SIOCGIWMODE",
	cmdGetRange: "SIOCGIWRANGE", cmdGetStats: "SIOCGIWSTATS", cmdSetAP: "SIOCSIWAP", cmdGetAP: "SIOCGIWAP",
	cmdMLME: "SIOCSIWMLME", cmdSetScan: "SIOCSIWSCAN", cmdGetScan: "SIOCGIWSCAN", cmdSetESSID: "SIOCSIWESSID",
	cmdGetESSID: "SIOCGIWESSID", cmdGetRate: "SIOCGIWRATE", cmdGetEnc: "SIOCGIWENCODE", cmdSetAuth: "SIOCSIWAUTH",
	cmdSetFreq: "SIOCSIWFREQ", cmdSetGenIE: "SIOCSIWGENIE", cmdSetEncExt: "SIOCSIWENCODEEXT", cmdSetPMKSA: "SIOCSIWPMKSA",
	evTxDrop: "IWEVTXDROP", evQual: "IWEVQUAL", evCustom: "IWEVCUSTOM", evRegistered: "IWEVREGISTERED",
	evExpired: "IWEVEXPIRED", evGenIE: "IWEVGENIE", evMICFailure: "IWEVMICHAELMICFAILURE",
	evAssocReqIE: "IWEVASSOCREQIE", evAssocRespIE: "IWEVASSOCRESPIE", evPMKIDCand: "IWEVPMKIDCAND",
}

// String returns the name in linux/wireless.h.
func (c command) String() string {
	if s, ok := commandNames[c]; ok {
		return s
	}
	return fmt.Sprintf("0x%04x", uint16(c))
}

// isPoint reports whether the data of a command in an event stream has a
// length of its own (struct iw_point) and bytes behind it.
func (c command) isPoint() bool {
	switch c {
	case cmdGetRange, cmdGetScan, cmdSetScan, cmdSetESSID, cmdGetESSID, cmdGetEnc, cmdGetStats, cmdMLME, cmdSetGenIE, cmdSetEncExt, cmdSetPMKSA,
		evCustom, evGenIE, evMICFailure, evAssocReqIE, evAssocRespIE, evPMKIDCand:
		return true
	}
	return false
}

// layout is what differs between the two ABIs.
type layout struct {
	header int // bytes before the data of an event: length, command, padding
	point  int // bytes from the start of an event to the data of a point
}

// The layouts of processes with pointers of four and of eight bytes.
var (
	layout32 = layout{header: 4, point: 8}
	layout64 = layout{header: 8, point: 16}
)

// native is the layout that the kernel uses towards this process.
var native = map[int]layout{32: layout32, 64: layout64}[strconv.IntSize]

// order is the byte order of everything here.
var order = binary.NativeEndian

const (
	maxESSID     = 32
	maxGenericIE = 1024
	maxChannels  = 32               // frequencies in a scan request and in a range
	maxScanData  = wireless.MaxData // bytes of results: the length field has 16 bits
	minScanData  = 4096

	modeAdHoc  = 1
	modeInfra  = 2
	modeMaster = 3

	scanThisESSID = 0x0002
	scanThisFreq  = 0x0008
	scanPassive   = 1 // iw_scan_req.scan_type

	qualLevelInvalid = 0x20
	qualQualInvalid  = 0x10
	qualNoiseInvalid = 0x40
	qualDBm          = 0x08

	familyEthernet = 1 // ARPHRD_ETHER, sa_family of addresses
)

// freqMHz turns struct iw_freq (mantissa, exponent) into MHz. Values up to
// 1000 with exponent 0 are channel numbers of 2.4 or 5 GHz. 0 means unusable.
func freqMHz(m int32, e int16) int {
	if m <= 0 || e < 0 || e > 12 {
		return 0
	}
	if e == 0 && m <= 1000 {
		return channelMHz(int(m))
	}
	hz := float64(m) * math.Pow10(int(e))
	if hz < 1e6 || hz > 1e12 {
		return 0
	}
	return int(hz/1e6 + 0.5)
}

// channelMHz is the centre of a channel known by number only.
func channelMHz(ch int) int {
	switch {
	case ch == 14:
		return 2484
	case ch >= 1 && ch < 14:
		return 2407 + 5*ch
	case ch >= 34 && ch <= 177:
		return 5000 + 5*ch
	case ch >= 183 && ch <= 196:
		return 4000 + 5*ch
	}
	return 0
}
