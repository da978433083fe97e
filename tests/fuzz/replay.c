/* Stands in for libFuzzer where there is none: each file of each folder or file named goes to the
 * fuzzer once. Exit 1 when there was nothing to replay: a corpus that was lost is no success. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "proto/wire/must.h"

enum { FILE_MAX = 1 << 22, PATH_SIZE = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay_file(const char *path)
{
    FILE *file = fopen(path, "re");
    must(file != NULL);
    uint8_t *bytes = malloc(FILE_MAX);
    must(bytes != NULL);
    size_t len = fread(bytes, 1, FILE_MAX, file);
    must(!ferror(file) && feof(file) && fclose(file) == 0);
    uint8_t *exact = malloc(len > 0 ? len : 1); /* So that the sanitizer sees a byte too many. */
    must(exact != NULL);
    memcpy(exact, bytes, len);
    free(bytes);
    (void)LLVMFuzzerTestOneInput(exact, len); /* Always 0; what is wrong aborts. */
    free(exact);
}

static unsigned replay_folder(const char *path)
{
    unsigned count = 0;
    DIR *dir = opendir(path);
    must(dir != NULL);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char file[PATH_SIZE];
        int n = snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        must(n > 0 && (size_t)n < sizeof file);
        if (entry->d_name[0] != '.') {
            replay_file(file);
            count++;
        }
    }
    must(closedir(dir) == 0);
    return count;
}

int main(int count, char **arguments)
{
    unsigned files = 0;
    for (int i = 1; i < count; i++) {
        struct stat about;
        if (stat(arguments[i], &about) != 0) {
            perror(arguments[i]);
            return 1;
        }
        if (S_ISDIR(about.st_mode)) {
            files += replay_folder(arguments[i]);
        } else {
            replay_file(arguments[i]);
            files++;
        }
    }
    printf("replayed %u files\n", files);
    return files > 0 ? 0 : 1;
}
