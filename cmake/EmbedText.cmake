# cmake -DFILE=console.js -DOUTPUT=ui_script.inc -P EmbedText.cmake
# A text file as a C++ raw string literal.
file(READ ${FILE} text)
if("${text}" MATCHES "\\)embedded\"")
  message(FATAL_ERROR "${FILE}: holds what would end the literal that carries it")
endif()
file(WRITE ${OUTPUT} "R\"embedded(${text})embedded\"")
