package feed

// scriptModel says how often a language writes which characters beyond ASCII:
// its letters in falling frequency, and the charsets that it comes in.
type scriptModel struct {
	charsets, languages, letters string
	latin                        bool
	logs                         map[rune]float32 // natural logarithm of the share
}

const (
	cyrillic = "windows-1251 koi8-r koi8-u iso-8859-5 ibm866"
	central  = "windows-1250 iso-8859-2"
)

// scriptModels are tried in their order; the first of equals wins.
var scriptModels = []*scriptModel{
	{charsets: "windows-1252", languages: "en", letters: "éèüöñçáíó", latin: true},
	{charsets: "windows-1252", languages: "de", letters: "üäöß", latin: true},
	{charsets: "windows-1252", languages: "fr", letters: "éèàêçùôîâûïœë", latin: true},
	{charsets: "windows-1252", languages: "es gl", letters: "óíáéñú¿¡ü", latin: true},
	{charsets: "windows-1252", languages: "pt", letters: "ãçáéíóêõâúàô", latin: true},
	{charsets: "windows-1252", languages: "it", letters: "èàùòéì", latin: true},
	{charsets: "windows-1252", languages: "nl af", letters: "ëéïóèö", latin: true},
	{charsets: "windows-1252", languages: "sv", letters: "äåöé", latin: true},
	{charsets: "windows-1252", languages: "da no nb nn", letters: "øåæé", latin: true},
	{charsets: "windows-1252", languages: "fi", letters: "äöå", latin: true},
	{charsets: "windows-1252", languages: "is fo", letters: "áíðóéþöúýæ", latin: true},
	{charsets: "windows-1252", languages: "ca", letters: "óàèéíçòúï·ü", latin: true},
	{charsets: "windows-1252 windows-1250 windows-1254", languages: "sq", letters: "ëç", latin: true},
	{charsets: central, languages: "pl", letters: "łęąóżśćńź", latin: true},
	{charsets: central, languages: "cs", letters: "íáéěřčžýšůúťďňó", latin: true},
	{charsets: central, languages: "sk", letters: "áíéčžýúšľťôňďäóŕĺ", latin: true},
	{charsets: central, languages: "hu", letters: "éáőöóíüúű", latin: true},
	{charsets: central, languages: "sl hr bs sr sh", letters: "čšžćđ", latin: true},
	{charsets: central, languages: "ro mo", letters: "ăţîşâ", latin: true},
	{charsets: "windows-1254", languages: "tr az", letters: "ıişüğçöâ", latin: true},
	{charsets: "windows-1257 iso-8859-13", languages: "et", letters: "äõüöšž", latin: true},
	{charsets: "windows-1257 iso-8859-13", languages: "lv", letters: "āīēšūņļžģķč", latin: true},
	{charsets: "windows-1257 iso-8859-13", languages: "lt", letters: "ėšįųžąčūę", latin: true},
	{charsets: cyrillic, languages: "ru", letters: "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"},
	{charsets: cyrillic, languages: "uk", letters: "оанивертсіклмдупязьбгйчхїцжєшющфґ"},
	{charsets: cyrillic, languages: "bg mk", letters: "аоиентрсвлкдпмузягъбчхйцжшщюьф"},
	{charsets: cyrillic, languages: "sr mk", letters: "аоиентсрвјдукмплзбгчцшљжхњћђфџѓќѕ"},
	{charsets: cyrillic, languages: "be", letters: "анеіыокртлсвядумпзцўбйчшгьжэюхёф"},
	{charsets: "windows-1253 iso-8859-7", languages: "el", letters: "αοιετσνηυρπκμλςωδγάίόχέύήθώφβξζψ"},
	{charsets: "windows-1255", languages: "he iw yi", letters: "יוהלאתרבמשנםכעדקחפטגצסןזךףץ"},
	{charsets: "windows-1256 iso-8859-6", languages: "ar", letters: "اليمنوتربةعدسفهكقأحجشصطخىذزضغئثءظإؤآ،؟"},
	{charsets: "windows-1256", languages: "fa ur ps", letters: "ايرندهومتبسشکزگفقلعخچجپحصطضغثذئژظآكی"},
	{charsets: "windows-874", languages: "th", letters: "านรอกเงมยลวดทส่ต้ะปบคหแจพชขใไีัิุืโผซ์ึธภฟศูณญถ็ำฐษฉ"},
	{charsets: "shift_jis euc-jp", languages: "ja", letters: kana + "、。・ー「」日一国人年大十二本中長出三時行見月分後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先名川千水半男西電校語土木聞食車何南万毎白天母火右読友左休父雨会社政府首相選挙新聞事故発表市県内閣議員党党経済東京大阪部長官民自主者手全対同地方目力合業体理度定意用成明通動法作関思持立場員代性物実最現開業田決教育戦数要開始的問題強"},
	{charsets: "gb18030", languages: "zh", letters: common + simplified},
	{charsets: "big5", languages: "zh", letters: common + traditional},
	{charsets: "euc-kr", languages: "ko", letters: "이다는의에가을하고로한지사기를도자은에서리정인나대시어장일부해원수그제라상들아스전지보주과만선국조고있신공구경동유여으우비마연위소개방관미회교명금성실산진영세무용중오당학었법안했적했습니것및면안게할된될후간문치재바속야더강거계내년월총않없였요물민북남물출입결트드르음울차김박최말통령까발화력행단함모반생터예투권파업표점날약식양현토러속외배피체버호질특추니종운독임"},
}

const (
	kana        = "のにるをはたてがいしとなでっらりこれもかすくさあンまーイきスんそけうよトめルラつ分えリちせみアろばじクドおわフだタジレシやロプカムマテコパサキ"
	common      = "的一是不在人有大中上、。，：；“”《》（）！？了和我到他要以地生出年得自下子成家行可作如而力行分部方多法全意水化高同工已公部主心重前本天日月因美最政世界使情正明文新定此好把小之用市民加表示中原期相路外北西南山京海名位通言信金百元立科委思指任台"
	simplified  = "国这个们来说为时会对发经过学样还动现实么进种问关东两车长见开电话门马鱼鸟书员务产业无边决议总统选举报导银经济务战军队机飞学华记热点网际亿万处给将该让线区体应联头证类级组织农历术专业认识计设访谈论评级设团队记载标题题显随险双万"
	traditional = "國這個們來說為時會對發經過學樣還動現實麼進種問關東兩車長見開電話門馬魚鳥書員務產業無邊決議總統選舉報導銀經濟務戰軍隊機飛學華記熱點網際億萬處給將該讓線區體應聯頭證類級組織農歷術專業認識計設訪談論評級設團隊記載標題題顯隨險雙"
)

// punctuation beyond ASCII that every language writes.
const punctuation = "’“”–—…‘„«»•°€§·\u00a0©®´№"
