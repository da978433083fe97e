# embed.cmake - the file FILE as a text `NAME` in a C source OUTPUT.
file(READ ${FILE} text)
string(REPLACE "\\" "\\\\" text "${text}")
string(REPLACE "\"" "\\\"" text "${text}")
string(REPLACE "\n" "\\n\"\n    \"" text "${text}")
file(WRITE ${OUTPUT} "/* Made from ${FILE} by embed.cmake. */\n#include \"client/kiosk/screen/look.h\"\n\nconst char ${NAME}[] =\n    \"${text}\";\n")
