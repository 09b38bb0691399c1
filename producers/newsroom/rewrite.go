package newsroom

import "strings"

// cut makes a wire story an outlet's copy: two in five run whole, the others
// lose paragraphs from the end, as a desk cuts to length; the headline may be
// the outlet's own.
func cut(m *manuscript, r *rng) {
	if n := len(m.paragraphs); n > 3 && r.intn(5) >= 2 {
		m.paragraphs = m.paragraphs[:max(2, n*r.between(55, 90)/100)]
	}
	if r.intn(4) == 0 {
		m.title = respell(m.title, r, 60)
	}
}

// rewrite keeps about nine sentences in ten of a wire story, puts synonyms in,
// and moves paragraphs after the lead.
func rewrite(m *manuscript, r *rng) {
	m.wire = false
	kept := m.paragraphs[:0:0]
	for i, paragraph := range m.paragraphs {
		var sentences []sentence
		for _, s := range paragraph {
			if i > 0 && r.intn(10) == 0 {
				continue
			}
			sentences = append(sentences, sentence{respell(s.text, r, 85), s.names})
		}
		if len(sentences) > 0 {
			kept = append(kept, sentences)
		}
	}
	for i := 1; i < len(kept)-1; i++ {
		if r.intn(3) == 0 {
			kept[i], kept[i+1] = kept[i+1], kept[i]
		}
	}
	m.paragraphs = kept
	m.title = respell(m.title, r, 80)
}

// respell replaces words that have a synonym, each with the given chance in
// percent. Only lower-case words are touched, so names stay as they are.
func respell(text string, r *rng, percent int) string {
	var b strings.Builder
	b.Grow(len(text) + 16)
	for i := 0; i < len(text); {
		if c := text[i]; c < 'a' || c > 'z' {
			b.WriteByte(c)
			i++
			continue
		}
		end := i
		for end < len(text) && text[end] >= 'a' && text[end] <= 'z' {
			end++
		}
		word := text[i:end]
		if other, ok := synonyms[word]; ok && !touching(text, i, end) && fits(b.String(), word, other) && r.intn(100) < percent {
			word = other
		}
		b.WriteString(word)
		i = end
	}
	return b.String()
}

// touching says whether text[from:to] is only a part of a word.
func touching(text string, from, to int) bool {
	if from > 0 {
		if c := text[from-1]; c >= 'A' && c <= 'Z' || c == '\'' || c == '-' || c == '@' || c == '.' {
			return true
		}
	}
	return to < len(text) && (text[to] == '\'' || text[to] == '-')
}

// fits says whether a synonym goes with the indefinite article before it.
func fits(before, word, other string) bool {
	if vowel(word) == vowel(other) {
		return true
	}
	return !strings.HasSuffix(before, " a ") && !strings.HasSuffix(before, " an ") &&
		!strings.HasSuffix(before, "A ") && !strings.HasSuffix(before, "An ")
}

// synonyms maps words to others that fit the same place in a sentence.
var synonyms = func() map[string]string {
	pairs := strings.Fields(`said/stated told/informed officials/authorities people/persons meeting/session began/started
large/big quickly/rapidly decision/ruling plan/scheme problem/difficulty
warned/cautioned wanted/wished several/various important/significant showed/revealed
increase/rise fell/dropped rose/climbed later/afterwards also/additionally help/assist
asked/requested needed/required during/throughout about/concerning nearly/almost
but/yet although/though before/ahead-of after/following report/account statement/declaration
agreement/deal dispute/quarrel concern/worry concerns/worries lawmakers/legislators workers/employees
firm/company companies/businesses money/cash costs/expenses building/structure road/route area/zone town/community
main/chief strong/robust weak/feeble difficult/tough easy/simple whole/entire
fear/dread critics/detractors rejected/dismissed accepted/approved
announced/disclosed published/released described/characterised expected/anticipated
little/scant previous/earlier current/present
final/last private/confidential talks/negotiations pressure/strain
experts/specialists data/figures results/findings study/survey team/squad group/band
likely/probable possible/feasible careful/cautious sudden/abrupt gradual/steady serious/grave
confirmed/verified denied/disputed promised/pledged refused/declined helped/aided tried/attempted
kept/retained moved/shifted spent/expended built/constructed
heard/learned thought/believed enough/sufficient still/nonetheless often/frequently usually/normally together/jointly effect/impact result/outcome goal/target task/job
journalists/reporters crowd/throng neighbours/locals families/households children/youngsters
nothing/naught matter/question
explained/clarified recalled/remembered argued/contended added/continued insisted/maintained replied/answered
remarked/observed admitted/conceded declared/proclaimed joked/quipped wrote/noted until/till towards/to within/inside among/amid once/formerly everyone/everybody nobody/no-one better/superior worst/poorest old/ageing good/decent news/tidings deal/pact bill/invoice
want/wish-for need/require needs/requires expect/await came/arrived gave/handed sent/dispatched
offered/proposed decided/resolved agreed/consented deserve/merit believe/think begin/start runs/extends shows/indicates wants/seeks
evidence/proof doubt/uncertainty trust/faith goodwill/friendliness scrutiny/examination
patience/forbearance frustration/annoyance optimism/hopefulness ambition/drive fatigue/weariness
public/general local/nearby government/administration voters/electors investors/shareholders traders/dealers
police/officers lawyers/attorneys witnesses/onlookers coach/trainer players/footballers
scientists/researchers patients/subjects samples/specimens instrument/device paper/article
homes/houses rescue/relief rescuers/crews flood/deluge river/waterway
residents/inhabitants council/authority shops/stores due/scheduled discuss/debate approve/endorse reject/refuse review/reassess abandon/drop
withdraw/retract postpone/defer finance/fund inspect/examine scrap/ditch replace/swap defend/protect
reopen/restart extend/prolong oversee/supervise widen/broaden renew/refresh
weaken/sap strengthen/bolster restore/rebuild undermine/subvert threaten/endanger revive/resurrect erode/wear-down
citing/quoting blaming/faulting fearing/dreading arguing/contending noting/observing suggesting/implying
shortly/just roughly/approximately some/around third/one-third
while/whereas then/thereupon
crowds/throngs pledge/vow motion/proposal seats/places treaty/accord border/frontier
shares/stock margins/profits orders/requests factories/plants jobs/posts debt/liabilities
spokesperson/representative declined/refused whether/if comment/remark
might/may opened/got-under-way only/just without/with-no
whether/if recalled/recollected training/preparation television/TV kilometres/km
expect/foresee nothing/naught voters/electors behind/beyond
price/cost carried/borne discuss/talk-over towards/in-the-direction-of fair/just
names/signatures night/evening record/tally paid/handed-over saw/noticed
spokesperson/representative deal/bargain needs/calls-for hard/tough matter/issue
called/named due/slated among/including far/well seen/spotted
gathered/assembled waited/lingered stood/remained marched/paraded blamed/faulted praised/lauded thanked/acknowledged
calm/quiet coming/approaching offered/extended stage/phase view/opinion moment/instant word/remark clear/evident
honest/frank frank/honest generous/kind realistic/sober nervous/anxious furious/livid curious/intrigued relaxed/easy
promise/pledge truth/reality courage/bravery fairness/justice memory/recollection kindness/charity experience/practice
smiling/beaming laughing/chuckling chanting/singing waving/gesturing braving/defying hinted/intimated stressed/underlined
drew/attracted won/earned fell/slid stalled/froze collapsed/crumbled surfaced/emerged succeeded/triumphed
faltered/wavered welcomed/greeted criticised/attacked dismissed/waved-away outlined/sketched questioned/challenged
endorsed/backed mocked/derided stability/steadiness momentum/impetus uncertainty/doubt resentment/bitterness unease/disquiet
discipline/self-control solidarity/unity accountability/responsibility restraint/moderation compassion/sympathy
competence/skill clarity/lucidity openness/candour independence/autonomy endurance/stamina dignity/decorum flexibility/leeway
transparency/openness suspicion/mistrust determination/resolve anger/rage luck/fortune pride/self-respect
leaked/disclosed draft/outline memo/note report/study assessment/appraisal audit/check dossier/file
quietly/silently openly/publicly slowly/gradually readily/willingly abruptly/suddenly eventually/finally likely/apt
hesitated/wavered insiders/sources observers/onlookers sceptics/doubters optimists/hopefuls campaigners/activists
historians/chroniclers economists/forecasters colleagues/associates veterans/old-hands residents/townspeople`)
	m := make(map[string]string, len(pairs))
	for _, pair := range pairs {
		word, other, _ := strings.Cut(pair, "/")
		if _, known := m[word]; !known {
			m[word] = strings.ReplaceAll(other, "-", " ")
		}
	}
	m["delay"] = "hold-up"
	return m
}()

func vowel(word string) bool { return strings.IndexByte("aeiou", word[0]) >= 0 }
