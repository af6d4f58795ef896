package nl80211

import (
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
)

// decodeSurvey decodes one message of a survey dump; ok is false without a
// frequency.
func decodeSurvey(attrs []byte) (s drivers.Survey, ok bool, err error) {
	err = each("survey", attrs, func(ad *netlink.AttributeDecoder) error {
		if ad.Type() != unix.NL80211_ATTR_SURVEY_INFO {
			return nil
		}
		return nested(ad, func(ad *netlink.AttributeDecoder) error {
			surveyAttr(&s, ad)
			return nil
		})
	})
	return s, s.Freq != 0, err
}

func surveyAttr(s *drivers.Survey, ad *netlink.AttributeDecoder) {
	ms := func() time.Duration { return time.Duration(ad.Uint64()) * time.Millisecond }
	switch ad.Type() {
	case unix.NL80211_SURVEY_INFO_FREQUENCY:
		s.Freq = int(ad.Uint32())
	case unix.NL80211_SURVEY_INFO_NOISE:
		s.Noise = signed(ad.Uint8())
	case unix.NL80211_SURVEY_INFO_IN_USE:
		s.InUse = true
	case unix.NL80211_SURVEY_INFO_TIME:
		s.Time = ms()
	case unix.NL80211_SURVEY_INFO_TIME_BUSY:
		s.Busy = ms()
	case unix.NL80211_SURVEY_INFO_TIME_EXT_BUSY:
		s.ExtBusy = ms()
	case unix.NL80211_SURVEY_INFO_TIME_RX:
		s.Receive = ms()
	case unix.NL80211_SURVEY_INFO_TIME_TX:
		s.Transmit = ms()
	}
}

// survey dumps the channel statistics; a device without any has none.
func (c *conn) survey(ifindex, freq int) ([]drivers.Survey, error) {
	msgs, err := c.dump("survey", unix.NL80211_CMD_GET_SURVEY, func(ae *netlink.AttributeEncoder) {
		ae.Uint32(unix.NL80211_ATTR_IFINDEX, uint32(ifindex))
	})
	if err != nil {
		return nil, err
	}
	var out []drivers.Survey
	for _, m := range msgs {
		s, ok, err := decodeSurvey(m.attrs)
		if err != nil {
			return nil, err
		}
		if ok && (freq == 0 || s.Freq == freq) {
			out = append(out, s)
		}
	}
	return out, nil
}

// Survey implements drivers.Surveyor.
func (i *Interface) Survey(freq int) ([]drivers.Survey, error) {
	return i.cmd.survey(i.info.Ifindex, freq)
}

// setNoise gives each result the measured noise floor of its channel.
func setNoise(results []drivers.ScanResult, surveys []drivers.Survey) {
	noise := map[int]int{}
	for _, s := range surveys {
		if s.Noise != 0 {
			noise[s.Freq] = s.Noise
		}
	}
	for i := range results {
		if n, ok := noise[results[i].Freq]; ok {
			results[i].Noise = n
			results[i].Flags &^= drivers.ResultNoiseInvalid
		}
	}
}
