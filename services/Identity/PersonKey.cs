using System.Security.Cryptography;
using System.Text;

namespace BeschutWerk.Identity;

/// <summary>
/// The key under which tokens name a person: by a keyed hash of their citizen service number (BSN), which says nothing to who has not the
/// key. The services that know a person read the same file, to compare.
/// </summary>
sealed class PersonKey
{
    public const string FileName = "person.key";

    const string PutBack = "Put it back from where you keep a copy.";

    // As long as the hash.
    const int Bytes = 32;

    readonly byte[] key;

    PersonKey(byte[] key) => this.key = key;

    /// <summary>Reads the key, or makes it at the first start.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="isInUse">Whether persons were named under it: then a new one would be taken for other persons.</param>
    /// <exception cref="InvalidDataException">It is missing although it was used, or is no key.</exception>
    public static PersonKey LoadOrCreate(string path, bool isInUse)
    {
        if (!File.Exists(path))
        {
            if (isInUse) throw new InvalidDataException($"{path} is missing, and without it no citizen is known again. {PutBack}");
            PrivateFile.CreateFolder(Path.GetDirectoryName(path)!);
            PrivateFile.Write(path, RandomNumberGenerator.GetBytes(Bytes));
        }
        var key = File.ReadAllBytes(path);
        return key.Length == Bytes ? new PersonKey(key) : throw new InvalidDataException($"{path} is no key of {Bytes} bytes. {PutBack}");
    }

    /// <summary>What stands for the person with this BSN.</summary>
    public byte[] HashOf(string bsn) => HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(bsn));
}
