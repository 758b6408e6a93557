#!/usr/bin/env bash
# Answers one DNS query (standard input to standard output, as socat hands it over) with 198.51.100.7 and a long time to live; example.com alone
# exists, every other name gets NXDOMAIN.
hex=$(od -An -v -tx1 | tr -d ' \n')
end=24 # the header is 12 bytes
while [ "$((16#${hex:end:2}))" -gt 0 ]; do end=$((end + 2 + 2 * 16#${hex:end:2})); done
question=${hex:24:end - 14} # the name, its closing zero, type and class
shopt -s nocasematch
if [[ $question == 076578616d706c6503636f6d0000010001 ]]; then
  answer=${hex:0:4}81800001000100000000${question}c00c00010001000007080004c6336407
elif [[ $question == 076578616d706c6503636f6d00* ]]; then
  answer=${hex:0:4}81800001000000000000${question} # the name has no record of another type
else
  answer=${hex:0:4}81830001000000000000${question}
fi
for ((i = 0; i < ${#answer}; i += 2)); do printf "\\x${answer:i:2}"; done
