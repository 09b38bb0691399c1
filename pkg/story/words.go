package story

// commonWords are function words, and verbs of reporting, which stand in texts
// about anything. Lists are short on purpose: what else is frequent the stream
// tells.
var commonWords = map[string]string{
	"en": `a about after again against all also although am among an and another any are around as ask asked at be became because
been before being between both but by came can come could day days did do does down during each even ever every few first
for former from get go going had has have he her here him himself his how however i if in into is it its itself just last
later like made make many may me might more most mr mrs ms much must my new no nor not now of off on one only or other our
out over own people put said same saw say saying says see several she should since so some still such take tell than that
the their them then there these they this those though three through time to told too two under until up upon us use used
very want wants was way we week well went were what when where whether which while who whom whose why will with within
without would year years yet you your according`,
	"de": `aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bereits bis da dabei damit dann
das dass dem den denn der des deshalb die dies diese diesem diesen dieser dieses doch dort durch ein eine einem einen einer
eines er erst es etwa für gab gegen gibt hat hatte hatten habe haben hätte hier ich ihm ihn ihr ihre ihrem ihren ihrer im
immer in ist ja jahr jahre jahren jetzt kann kein keine können könnte man mehr mit muss müssen nach nicht noch nun nur ob
oder ohne sagt sagte schon sehr sei sein seine seinem seinen seiner seit sich sie sind so soll sollen sollte sowie um und
uns unter über viele vom von vor war waren was weil weiter wenn wer werden wie wieder will wir wird wo worden wurde wurden
während würde zu zum zur zwei zwischen`,
	"fr": `a à afin ai ainsi alors après au aucun aussi autre autres aux avait avant avec avoir c ce cela celle celui ces cet
cette ceux chez comme contre d dans de depuis des deux dit dont du elle elles en encore entre est et étaient était été être
eu fait faire font il ils je jour jours jusqu l la le les leur leurs lors lui mais même mis moins n ne ni non nos notre
nous on ont or ou où par pas peu peut plus pour pourrait qu quand que qui s sa sans se selon sera ses si son sont sous sur
tous tout toute toutes très trois un une vers vous y`,
	"es": `a al algo algunos ante antes aquí aún año años así aunque cada casi como con contra cual cuando de del desde después
día días dice dijo donde dos durante e el él ella ellos en entre era eran es esa ese eso esta está están estas este esto
estos fue fueron ha haber había hace hacer han hasta hay hoy la las le les lo los más me menos mi mientras mismo muy nada
ni no nos o otra otras otro otros para pero poco por porque puede que qué quien se según ser si sí sido sin sobre solo son
su sus también tan tanto te tiene tienen toda todas todo todos tras tres tu un una uno unos y ya yo`,
	"pt": `a à ainda além ano anos antes ao aos após as até cada com como contra da das de depois desde dia dias disse do dois
dos durante e é ela elas ele eles em entre era essa esse esta está estão este eu foi foram há isso já lhe mais mas me
mesmo muito na não nas nem no nos nós o onde os ou outra outras outro outros para pela pelas pelo pelos pode por porque
quando que quem se segundo sem ser será seu seus só sobre sua suas também tem tinha todo todos três um uma umas uns`,
	"it": `a ad ai al alla alle anche ancora anni anno avere aveva c che chi ci come con contro cosa così cui da dagli dai dal
dalla dalle degli dei del della delle dello detto di dopo dove due e è ed era erano essere fa fatto fino fra gli giorni ha
hanno i il in io l la le lo loro ma mentre molto ne negli nei nel nella nelle no noi non o ogni oggi per perché più poi
prima può quale quando quanto quella quelle quelli quello questa queste questi questo qui s sarà se secondo sempre senza si
sia sono sta stata stati stato su sua sue sugli sui sul sulla sulle suo suoi tra tre tutti tutto un una uno`,
	"nl": `aan al alle als andere bij dan dat de deze die dit doen door dus een en er ging had hadden haar hebben heeft hem het
hij hoe hun ik in is jaar je kan komen kon kunnen maar meer men met mijn moet moeten na naar niet niets nog nu of om omdat
onder ons ook op over sinds te tegen tijdens toch toen tot tussen twee u uit van veel volgens voor waar was wat we wel werd
werden wie wil wordt worden zal ze zegt zei zeggen zich zij zijn zo zonder zou zullen`,
}
