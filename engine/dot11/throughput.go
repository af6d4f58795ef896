package dot11

// SNRInput tells what a driver reported of a signal.
type SNRInput struct {
	Level      int  // dBm, or a driver's own unit when LevelDBm is false
	LevelDBm   bool // Level is in dBm
	Noise      int  // dBm
	NoiseValid bool
	Freq       int // MHz
}

// Noise floors assumed where the driver reports none, dBm.
const (
	defaultNoise2GHz = -89
	defaultNoise5GHz = -92
)

// SNR returns the signal to noise ratio in dB, estimated from a usual noise
// floor of the band when the driver gives none; a level in another unit is
// returned as it is.
func SNR(in SNRInput) int {
	if !in.LevelDBm {
		return in.Level
	}
	if in.NoiseValid {
		return in.Level - in.Noise
	}
	if BandOf(in.Freq) == Band2GHz {
		return in.Level - defaultNoise2GHz
	}
	return in.Level - defaultNoise5GHz
}

// LocalPHY says what the own radio can do in the band of a BSS.
type LocalPHY struct {
	HT     bool
	HT40   bool
	VHT    bool // with 80 MHz
	VHT160 bool
	HE     bool
	HE40   bool // 40 MHz in 2.4 GHz
	HE80   bool // 40 and 80 MHz in 5 and 6 GHz
	HE160  bool
	EHT    bool
	EHT320 bool
}

// legacySteps gives the lowest SNR in dB at which a legacy rate, in units of
// 500 kbit/s, is worth assuming; below the first only the lowest is.
var legacySteps = []struct{ snr, rate int }{
	{1, 4}, {4, 12}, {5, 18}, {6, 24}, {7, 36}, {10, 48}, {11, 72}, {15, 96}, {19, 108}, {21, 127},
}

// mcs describes a modulation and coding scheme of one spatial stream.
type mcs struct {
	snr      int // lowest SNR in dB for a 20 MHz channel; 3 more for each doubling
	bits     int // coded bits per subcarrier
	num, den int // code rate
}

// mcsTable is indexed by MCS: 0-7 HT, 0-9 VHT, 0-11 HE, 0-13 EHT.
var mcsTable = []mcs{
	{2, 1, 1, 2}, {5, 2, 1, 2}, {9, 2, 3, 4}, {11, 4, 1, 2}, {15, 4, 3, 4}, {18, 6, 2, 3}, {20, 6, 3, 4},
	{25, 6, 5, 6}, {29, 8, 3, 4}, {31, 8, 5, 6}, {34, 10, 3, 4}, {36, 10, 5, 6}, {39, 12, 3, 4}, {42, 12, 5, 6},
}

// Data subcarriers for 20, 40, 80, 160, 320 MHz, and symbol time in units of
// 100 ns with a guard interval of 0.8 µs.
var (
	vhtSubcarriers = [...]int{52, 108, 234, 468}
	heSubcarriers  = [...]int{234, 468, 980, 1960, 3920}
)

const (
	vhtSymbol = 40
	heSymbol  = 136
)

// rate returns kbit/s of a scheme.
func (m mcs) rate(subcarriers, symbol int) int {
	return subcarriers * m.bits * m.num * 10000 / (m.den * symbol)
}

// streamRate returns kbit/s of one stream at an SNR of snr dB: the rate of the
// best scheme up to maxMCS, interpolated towards the next one.
func streamRate(snr, doublings, maxMCS, subcarriers, symbol int) int {
	prevSNR, prevRate := 0, 0
	if snr < 0 {
		return 0
	}
	for _, m := range mcsTable[:maxMCS+1] {
		at, rate := m.snr+3*doublings, m.rate(subcarriers, symbol)
		if snr < at {
			return prevRate + (snr-prevSNR)*(rate-prevRate)/(at-prevSNR)
		}
		prevSNR, prevRate = at, rate
	}
	return prevRate
}

func htRate(snr, doublings int, vht bool) int {
	top := 7
	if vht {
		top = 9
		if doublings == 0 {
			top = 8 // MCS 9 does not exist for one stream in 20 MHz
		}
	}
	return streamRate(snr, doublings, top, vhtSubcarriers[doublings], vhtSymbol)
}

func heRate(snr, doublings int, eht bool) int {
	top := 11
	if eht {
		top = 13
	}
	return streamRate(snr, doublings, top, heSubcarriers[doublings], heSymbol)
}

// What is added to an estimate in kbit/s so that, the rest being equal, the
// newer generation wins: VHT before HT, HE before VHT, EHT before HE.
const (
	preferVHT = 1
	preferHE  = 2
	preferEHT = 3
)

// EstimateThroughput estimates kbit/s to expect from a BSS at freq MHz heard
// with an SNR of snr dB: the best rate of one spatial stream in the widest
// channel that both sides can use, plus 1, 2 or 3 for VHT, HE and EHT. It
// serves to compare candidates.
func EstimateThroughput(es Elements, freq, snr int, local LocalPHY) int {
	est := legacyRate(es.MaxLegacyRate(), snr) * 500
	est = max(est, estimateHT(es, snr, local), estimateVHT(es, snr, local))
	return max(est, estimateHE(es, freq, snr, local))
}

func legacyRate(rate, snr int) int {
	limit := 2
	for _, s := range legacySteps {
		if snr >= s.snr {
			limit = s.rate
		}
	}
	return min(rate, limit)
}

func estimateHT(es Elements, snr int, local LocalPHY) int {
	if !local.HT || !es.Has(ElementHTCapabilities) {
		return 0
	}
	est := htRate(snr, 0, false)
	if local.HT40 && es.has40() {
		est = max(est, htRate(snr, 1, false))
	}
	return est
}

// has40 reports whether HT Operation names a secondary channel.
func (es Elements) has40() bool {
	b, ok := es.Find(ElementHTOperation)
	return ok && len(b) >= 2 && b[1]&3 != 0
}

func estimateVHT(es Elements, snr int, local LocalPHY) int {
	if !local.VHT || !es.Has(ElementVHTCapabilities) {
		return 0
	}
	est := htRate(snr, 0, true)
	if local.HT40 && es.has40() {
		est = max(est, htRate(snr, 1, true))
	}
	width := 0
	if b, ok := es.Find(ElementVHTOperation); ok {
		if o, err := ParseVHTOperation(b); err == nil {
			width = o.MHz()
		}
	}
	if width >= 80 {
		est = max(est, htRate(snr, 2, true))
	}
	if width >= 160 && local.VHT160 {
		est = max(est, htRate(snr, 3, true))
	}
	return est + preferVHT
}

func estimateHE(es Elements, freq, snr int, local LocalPHY) int {
	body, ok := es.FindExt(ExtIDHECapabilities)
	if !ok || !local.HE {
		return 0
	}
	var he HECapabilities
	if err := he.parse(body); err != nil {
		return 0
	}
	eht := ehtOf(es, local)
	prefer := preferHE
	if eht != nil {
		prefer = preferEHT
	}
	widest := 0 // doublings of 20 MHz
	switch {
	case BandOf(freq) == Band2GHz:
		if local.HE40 && he.PHY[0]&HEWidth40In2GHz != 0 {
			widest = 1
		}
	case eht != nil && local.EHT320 && BandOf(freq) == Band6GHz && eht.PHY[0]&EHT320In6GHz != 0:
		widest = 4
	case local.HE160 && he.PHY[0]&(HEWidth160|HEWidth80Plus80) != 0:
		widest = 3
	case local.HE80 && he.PHY[0]&HEWidth80 != 0:
		widest = 2
	}
	est := 0
	for doublings := range widest + 1 {
		est = max(est, heRate(snr, doublings, eht != nil))
	}
	return est + prefer
}

// ehtOf returns the EHT capabilities of the BSS when both sides have them.
func ehtOf(es Elements, local LocalPHY) *EHTCapabilities {
	body, ok := es.FindExt(ExtIDEHTCapabilities)
	if !ok || !local.EHT {
		return nil
	}
	c, err := ParseEHTCapabilities(body)
	if err != nil {
		return nil
	}
	return c
}
