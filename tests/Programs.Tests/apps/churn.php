<?php
// Arrays, multibyte strings (mbstring) and a curl handle: the last two come from libraries that Debian's php opens with
// RTLD_DEEPBIND, which binds their malloc past any preload while their blocks cross into php itself.
$state = 1;
$kept = [];
for ($i = 0; $i < 200000; $i++) {
    $state = ($state * 1103515245 + 12345) & 0x7fffffff;
    $kept[$state % 3000] = [str_repeat('v', $state % 500), "n$i", ['k' => $i]];
    if ($i % 3 === 0) unset($kept[($state >> 5) % 3000]);
}
ksort($kept);
echo hash('sha256', json_encode($kept)), "\n";

$text = str_repeat('Größe und Übermaß, 日本語 и русский. ', 2000);
for ($i = 0; $i < 20; $i++) $upper = mb_strtoupper(mb_substr($text, $i, 20000), 'UTF-8');
echo mb_strlen($upper), ' ', hash('sha256', $upper), "\n";
echo hash('sha256', mb_convert_encoding($text, 'UTF-16LE', 'UTF-8')), "\n";
echo preg_match_all('/\p{Lu}\p{Ll}+/u', $text), "\n";
mb_ereg_search_init($text, '[a-zß]+');
for ($words = 0; mb_ereg_search(); $words++);
echo $words, "\n";

file_put_contents('page.txt', str_repeat("a line of the page\n", 50000));
$multi = curl_multi_init();
$handles = [];
for ($i = 0; $i < 20; $i++) {
    $handles[$i] = curl_init('file://' . getcwd() . '/page.txt');
    curl_setopt($handles[$i], CURLOPT_RETURNTRANSFER, true);
    curl_multi_add_handle($multi, $handles[$i]);
}
do { curl_multi_exec($multi, $running); } while ($running);
foreach ($handles as $handle) {
    echo strlen(curl_multi_getcontent($handle)), ' ', curl_escape($handle, 'a b&ü'), "\n";
    curl_multi_remove_handle($multi, $handle);
    curl_close($handle);
}
$broken = curl_init('http://127.0.0.1:1/');
curl_setopt($broken, CURLOPT_RETURNTRANSFER, true);
var_dump(curl_exec($broken));
echo curl_errno($broken), "\n";
