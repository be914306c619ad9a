/**
 * Who answers behind which digits, outside the North American plan: calling code, country, how many digits follow, the
 * zones its numbers may be in, and the beginnings of numbers that cost more than a call (premium rate, shared cost,
 * personal numbers, pagers). From the numbering plans that the countries notify to the ITU (E.164, as collected in
 * libphonenumber's metadata of 2026) and the zones of the IANA time zone database; of zones that have kept the same
 * clock since 2025 one stands for all.
 */
export const worldPlan = `
7 RU 10-14 Europe/Kaliningrad,Europe/Moscow,Europe/Astrakhan,Asia/Yekaterinburg,Asia/Omsk,Asia/Novosibirsk,Asia/Irkutsk,Asia/Chita,Asia/Vladivostok,Asia/Magadan,Asia/Kamchatka 803 808 809
733 KZ 8-8 Asia/Almaty,Asia/Qyzylorda,Asia/Qostanay,Asia/Aqtobe,Asia/Oral
76 KZ 9-9 Asia/Almaty,Asia/Qyzylorda,Asia/Qostanay,Asia/Aqtobe,Asia/Oral
77 KZ 9-9 Asia/Almaty,Asia/Qyzylorda,Asia/Qostanay,Asia/Aqtobe,Asia/Oral
20 EG 8-10 Africa/Cairo 90
27 ZA 5-10 Africa/Johannesburg 860 862 863 864 865 866 867 868 869 9
30 GR 10-12 Europe/Athens 7 801 806 81 82 85 87 90
31 NL 5-11 Europe/Amsterdam 66 90
32 BE 8-9 Europe/Brussels 70 7879 90
33 FR 9-9 Europe/Paris 81 82 83 84 85 86 88 89
34 ES 9-9 Europe/Madrid,Atlantic/Canary 70 803 806 807 901 902
36 HU 8-9 Europe/Budapest 90 91
39 IT 6-12 Europe/Rome 0878 1 84 89
40 RO 6-9 Europe/Bucharest 801 9
41 CH 9-12 Europe/Zurich 74 84 87 90
43 AT 4-13 Europe/Vienna 81 82 86 89 9
44 GB 7-10 Europe/London 70 760 7623 7625 7626 763 764 765 766 767 768 769 84 87 9
441481 GG 6-6 Europe/Guernsey
447781 GG 6-6 Europe/Guernsey
447839 GG 6-6 Europe/Guernsey
447911 GG 6-6 Europe/Guernsey
441534 JE 6-6 Europe/Jersey
447509 JE 6-6 Europe/Jersey
447700 JE 6-6 Europe/Jersey
447797 JE 6-6 Europe/Jersey
447829 JE 6-6 Europe/Jersey
447937 JE 6-6 Europe/Jersey
441624 IM 6-6 Europe/Isle_of_Man
447524 IM 6-6 Europe/Isle_of_Man
447624 IM 6-6 Europe/Isle_of_Man
447924 IM 6-6 Europe/Isle_of_Man
45 DK 8-8 Europe/Copenhagen 90
46 SE 6-12 Europe/Stockholm 649 74 75 77 900 939 944 99
47 NO 5-8 Europe/Oslo 81000 81001 81002 81003 81004 81005 81006 8102 8103 8104 8105 8106 8107 8108 82 88
48 PL 6-10 Europe/Warsaw 64 70 801
49 DE 4-13 Europe/Berlin 13 164 168 169 180 700 900
51 PE 8-9 America/Lima 801 802 804 805
52 MX 10-10 America/Mexico_City,America/Cancun,America/Matamoros,America/Ciudad_Juarez,America/Mazatlan,America/Tijuana 30 50 90
53 CU 6-10 America/Havana 807
54 AR 10-11 America/Argentina/Buenos_Aires 60
55 BR 8-11 America/Noronha,America/Belem,America/Campo_Grande,America/Eirunepe 30 40 486 50 90
56 CL 9-11 America/Santiago,America/Coyhaique,Pacific/Easter
57 CO 8-11 America/Bogota 19 90
58 VE 10-10 America/Caracas 9
60 MY 8-10 Asia/Kuala_Lumpur
61 AU 5-12 Australia/Lord_Howe,Antarctica/Macquarie,Australia/Broken_Hill,Australia/Brisbane,Australia/Darwin,Australia/Perth,Australia/Eucla,Indian/Cocos,Indian/Christmas 13 16 19
62 ID 7-13 Asia/Jakarta,Asia/Makassar,Asia/Jayapura 804 809
63 PH 6-13 Asia/Manila
64 NZ 5-10 Pacific/Auckland,Pacific/Chatham 1 500 503 506 507 70 90
65 SG 8-11 Asia/Singapore 19
66 TH 8-13 Asia/Bangkok
81 JP 8-13 Asia/Tokyo 20 600 990
82 KR 5-13 Asia/Seoul 15 16 18 50 60 70
84 VN 7-10 Asia/Ho_Chi_Minh 190
86 CN 7-12 Asia/Shanghai,Asia/Urumqi 160 168 40 950
90 TR 7-13 Europe/Istanbul 512 592 88 89 9
91 IN 8-13 Asia/Kolkata 1860 1861
92 PK 8-12 Asia/Karachi 1 90
93 AF 9-9 Asia/Kabul
94 LK 9-9 Asia/Colombo
95 MM 6-10 Asia/Yangon
98 IR 4-10 Asia/Tehran
211 SS 9-9 Africa/Juba
212 MA 9-9 Africa/Casablanca 89
213 DZ 8-9 Africa/Algiers 801 802 803 804 805 806 808 809
216 TN 8-8 Africa/Tunis 811 82 88
218 LY 9-9 Africa/Tripoli
220 GM 7-9 Africa/Banjul
221 SN 9-9 Africa/Dakar 81 88
222 MR 8-8 Africa/Nouakchott
223 ML 8-8 Africa/Bamako
224 GN 8-9 Africa/Conakry
225 CI 10-10 Africa/Abidjan
226 BF 8-8 Africa/Ouagadougou
227 NE 8-8 Africa/Niamey 09
228 TG 8-8 Africa/Lome
229 BJ 10-10 Africa/Porto-Novo
230 MU 7-10 Indian/Mauritius 219 30
231 LR 7-9 Africa/Monrovia 332
232 SL 8-8 Africa/Freetown
233 GH 8-9 Africa/Accra
234 NG 10-12 Africa/Lagos
235 TD 8-8 Africa/Ndjamena
236 CF 8-8 Africa/Bangui 8
237 CM 8-9 Africa/Douala
238 CV 7-7 Atlantic/Cape_Verde
239 ST 7-7 Africa/Sao_Tome
240 GQ 9-9 Africa/Malabo 9
241 GA 7-8 Africa/Libreville
242 CG 9-9 Africa/Brazzaville 8
243 CD 7-10 Africa/Kinshasa,Africa/Lubumbashi
244 AO 9-9 Africa/Luanda
245 GW 7-9 Africa/Bissau
246 IO 7-7 Indian/Chagos
247 AC 5-6 Atlantic/St_Helena
248 SC 7-7 Indian/Mahe 85
249 SD 9-9 Africa/Khartoum
250 RW 8-9 Africa/Kigali 9
251 ET 9-9 Africa/Addis_Ababa
252 SO 6-9 Africa/Mogadishu
253 DJ 8-8 Africa/Djibouti
254 KE 7-10 Africa/Nairobi 9
255 TZ 9-9 Africa/Dar_es_Salaam 84 86 9
256 UG 9-9 Africa/Kampala 9
257 BI 8-8 Africa/Bujumbura
258 MZ 8-9 Africa/Maputo
260 ZM 9-9 Africa/Lusaka
261 MG 9-9 Indian/Antananarivo
262 RE 9-9 Indian/Reunion,Indian/Mayotte 81 82 88 89
263 ZW 7-10 Africa/Harare
264 NA 8-9 Africa/Windhoek 87
265 MW 7-9 Africa/Blantyre
266 LS 8-8 Africa/Maseru
267 BW 7-10 Africa/Gaborone 9
268 SZ 8-9 Africa/Mbabane 9
269 KM 7-7 Indian/Comoro 8
290 SH 4-5 Atlantic/St_Helena
291 ER 7-7 Africa/Asmara
297 AW 7-7 America/Aruba 90
298 FO 6-6 Atlantic/Faroe 90
299 GL 6-6 America/Nuuk,America/Danmarkshavn,America/Thule
350 GI 8-8 Europe/Gibraltar
351 PT 9-9 Europe/Lisbon,Atlantic/Azores 601 607 608 62 64 68 76 808 809 88
352 LU 4-11 Europe/Luxembourg 801 900 901 905
353 IE 7-10 Europe/Dublin 70
354 IS 7-9 Atlantic/Reykjavik 90
355 AL 6-9 Europe/Tirane 7 808 9
356 MT 8-8 Europe/Malta 500 506 507 509 51 52 71
357 CY 8-8 Asia/Nicosia 70 801 802 803 804 805 806 807 808 809 90
358 FI 5-12 Europe/Helsinki 600 700
359 BG 6-12 Europe/Sofia 700 90
370 LT 8-8 Europe/Vilnius 700 705 808 900 902 903 909 91
371 LV 8-8 Europe/Riga 81 9
372 EE 7-10 Europe/Tallinn 40 70 9
373 MD 8-8 Europe/Chisinau 808 9
374 AM 8-8 Asia/Yerevan 801 802 803 804 90
375 BY 6-11 Europe/Minsk 81 9
376 AD 6-9 Europe/Andorra 10 11 12 13 14 15 16 17 1801 1803 1804 1805 1806 1807 1808 1809 181 182 183 184 185 186 187 188 189 19 9
377 MC 8-9 Europe/Monaco
378 SM 8-10 Europe/San_Marino 7
380 UA 9-10 Europe/Simferopol,Europe/Kyiv 90
381 RS 6-12 Europe/Belgrade 78 9
382 ME 8-9 Europe/Podgorica 9
383 XK 8-12 Europe/Belgrade 9
385 HR 7-9 Europe/Zagreb 60 61 64 65 69 74 75
386 SI 5-8 Europe/Ljubljana 89 9
387 BA 8-9 Europe/Sarajevo 81 82 9
389 MK 8-8 Europe/Skopje 5 801 802 803 804 805 806 807 808 809 81 82 83 84 85 86 87 88 89
420 CZ 9-12 Europe/Prague 700 701 81 83 84 90 976
421 SK 6-9 Europe/Bratislava 85 86 87 88 89 900 9090 97 98
423 LI 7-9 Europe/Vaduz 9
500 FK 5-5 Atlantic/Stanley
501 BZ 7-11 America/Belize
502 GT 8-11 America/Guatemala 19
503 SV 7-11 America/El_Salvador 9
504 HN 8-11 America/Tegucigalpa
505 NI 8-8 America/Managua
506 CR 8-10 America/Costa_Rica 9
507 PA 7-11 America/Panama 822 855 86 877 878 886 900 981
508 PM 6-9 America/Miquelon
509 HT 8-8 America/Port-au-Prince
590 GP 9-9 America/Guadeloupe 81 82 89
591 BO 8-9 America/La_Paz
592 GY 7-7 America/Guyana 9
593 EC 8-11 America/Guayaquil,Pacific/Galapagos
594 GF 9-9 America/Cayenne 81 82 89
595 PY 6-11 America/Asuncion
596 MQ 9-9 America/Martinique 81 82 89
597 SR 6-7 America/Paramaribo 90
598 UY 4-12 America/Montevideo 90
599 CW 7-8 America/Curacao 6 955
670 TL 7-8 Asia/Dili 70 9
672 NF 6-6 Pacific/Norfolk
673 BN 7-7 Asia/Brunei
674 NR 7-7 Pacific/Nauru
675 PG 7-8 Pacific/Port_Moresby,Pacific/Bougainville 270 271
676 TO 5-7 Pacific/Tongatapu
677 SB 5-7 Pacific/Guadalcanal
678 VU 5-7 Pacific/Efate
679 FJ 7-11 Pacific/Fiji
680 PW 7-7 Pacific/Palau
681 WF 6-9 Pacific/Wallis
682 CK 5-5 Pacific/Rarotonga
683 NU 4-7 Pacific/Niue
685 WS 5-10 Pacific/Apia
686 KI 5-8 Pacific/Tarawa,Pacific/Kanton,Pacific/Kiritimati
687 NC 6-6 Pacific/Noumea 36
688 TV 5-7 Pacific/Funafuti
689 PF 6-9 Pacific/Tahiti,Pacific/Marquesas,Pacific/Gambier
690 TK 4-7 Pacific/Fakaofo
691 FM 7-7 Pacific/Chuuk,Pacific/Pohnpei
692 MH 7-7 Pacific/Majuro
850 KP 8-10 Asia/Pyongyang
852 HK 5-11 Asia/Hong_Kong 7100 7108 711 713 716 719 72 73 74 75 76 77 78 79 81 82 83 900
853 MO 7-8 Asia/Macau
855 KH 8-10 Asia/Phnom_Penh
856 LA 8-10 Asia/Vientiane
880 BD 6-10 Asia/Dhaka
886 TW 7-11 Asia/Taipei 20 99
960 MV 7-10 Indian/Maldives
961 LB 7-8 Asia/Beirut
962 JO 8-9 Asia/Amman 70 74 85 9
963 SY 8-9 Asia/Damascus
964 IQ 8-10 Asia/Baghdad
965 KW 7-8 Asia/Kuwait
966 SA 9-10 Asia/Riyadh 9
967 YE 7-9 Asia/Aden
968 OM 7-9 Asia/Muscat 900
970 PS 8-10 Asia/Gaza 17
971 AE 5-12 Asia/Dubai 70 90
972 IL 7-12 Asia/Jerusalem 120 121 17 19
973 BH 8-8 Asia/Bahrain 84 87 9
974 QA 7-11 Asia/Qatar 2
975 BT 7-8 Asia/Thimphu
976 MN 8-10 Asia/Ulaanbaatar,Asia/Hovd
977 NP 8-11 Asia/Kathmandu
992 TJ 9-9 Asia/Dushanbe
993 TM 8-8 Asia/Ashgabat
994 AZ 9-9 Asia/Baku 90
995 GE 9-9 Asia/Tbilisi
996 KG 9-10 Asia/Bishkek
998 UZ 9-9 Asia/Samarkand
`

/** Calling codes of no country: freephone, satellites, networks and premium rate of the whole world (ITU E.164). */
export const worldwideCodes = ['800', '808', '870', '878', '881', '882', '883', '888', '979']

/**
 * Area codes of the North American plan by country and zones, as assigned by NANPA and the Canadian administrator
 * until 2026. A code that is not here is not called.
 */
export const northAmericanPlan = `
US America/New_York 201 202 203 207 212 215 216 220 223 227 229 234 239 240 248 252 267 269 272 276
US America/New_York 231 283 301 302 304 305 313 315 317 321 324 326 329 330 332 336 339 347 351 352 363
US America/New_York 380 386 401 404 407 410 412 413 419 434 436 440 443 445 463 470 472 475 478 484 502
US America/New_York 508 513 516 517 518 540 551 561 567 570 571 582 585 586 603 606 607 609 610 614 616
US America/New_York 617 624 631 640 645 646 656 667 678 679 680 681 686 689 703 704 706 716 717 718 724
US America/New_York 727 728 732 734 740 743 754 757 762 765 770 771 772 774 781 786 802 803 804 810 813
US America/New_York 814 821 826 828 835 838 839 843 845 848 854 856 857 859 860 862 863 864 865 878 904
US America/New_York 908 910 912 914 917 919 929 934 937 941 943 947 948 954 959 973 978 980 984 989 260
US America/New_York,America/Chicago 219 270 364 423 448 574 812 850 906 930
US America/Chicago 205 210 214 217 218 224 225 228 235 251 254 256 262 274 281 309 312 314 316 318 319 320
US America/Chicago 325 327 331 334 337 346 353 361 402 405 409 414 417 430 432 447 457 464 469 479 501 504
US America/Chicago 507 512 515 531 534 539 557 563 572 573 580 601 608 612 615 618 621 629 630 636 641 651
US America/Chicago 659 660 662 682 708 712 713 715 726 730 731 737 763 769 773 779 806 815 816 817 830 832
US America/Chicago 847 861 870 872 901 903 913 918 920 924 931 936 938 940 945 952 956 972 975 979 985
US America/Chicago,America/Denver 308 605 620 701 785 915
US America/Denver 303 307 385 406 435 505 575 719 720 748 801 970 983
US America/Phoenix 480 520 602 623
US America/Phoenix,America/Denver 928
US America/Denver,America/Los_Angeles 208 541 775 986 458
US America/Los_Angeles 206 209 213 253 279 310 323 341 350 360 369 408 415 424 425 442 503 509 510 530 559
US America/Los_Angeles 562 564 619 626 628 650 657 661 669 702 707 714 725 738 747 760 805 818 820 831 837
US America/Los_Angeles 840 858 909 916 925 949 951 971
US America/Anchorage,America/Adak 907
US Pacific/Honolulu 808
US America/New_York,America/Chicago,America/Denver,America/Phoenix,America/Los_Angeles,America/Anchorage,America/Adak,Pacific/Honolulu 800 833 844 855 866 877 888
CA America/St_Johns,America/Halifax 709 879
CA America/Halifax 428 506 782 902
CA America/Halifax,America/Toronto,America/Blanc-Sablon 367 418 581
CA America/Toronto 226 249 263 289 343 354 365 382 416 437 438 450 468 514 519 548 579 613 647 683 705 742
CA America/Toronto 753 819 873 905 942
CA America/Toronto,America/Winnipeg,America/Atikokan 807
CA America/Winnipeg 204 431 584
CA America/Regina,America/Edmonton 306 474 639
CA America/Edmonton 368 403 587 780 825
CA America/Vancouver,America/Edmonton,America/Creston,America/Whitehorse 236 250 257 604 672 778
CA America/Toronto,America/Winnipeg,America/Edmonton,America/Whitehorse,America/Atikokan 867
AG America/Antigua 268
AI America/Anguilla 264
AS Pacific/Pago_Pago 684
BB America/Barbados 246
BM Atlantic/Bermuda 441
BS America/Nassau 242
DM America/Dominica 767
DO America/Santo_Domingo 809 829 849
GD America/Grenada 473
GU Pacific/Guam 671
JM America/Jamaica 658 876
KN America/St_Kitts 869
KY America/Cayman 345
LC America/St_Lucia 758
MP Pacific/Saipan 670
MS America/Montserrat 664
PR America/Puerto_Rico 787 939
SX America/Lower_Princes 721
TC America/Grand_Turk 649
TT America/Port_of_Spain 868
VC America/St_Vincent 784
VG America/Tortola 284
VI America/St_Thomas 340
`

/** Of the same plan: premium rate, personal and non-geographic codes. */
export const northAmericanSpecialCodes = [
  ...['900', '500', '521', '522', '523', '524', '525', '526', '527', '528', '529', '533', '544'],
  ...['566', '577', '588', '600', '622', '633', '700', '710'],
]
