using System.Security.Cryptography;
using System.Text;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Store;

/// <summary>
/// The key under which a token names a person (services/Identity/README.md). Only services that know persons have its file: the number of a
/// person is found from a hash without a key within seconds, because there are not many numbers.
/// </summary>
/// <param name="path">Its file, which the token server makes.</param>
public sealed class PersonKey(string path)
{
    private const int Bytes = 32;

    private volatile byte[]? _key;

    /// <summary>What stands in a token for the person with this number.</summary>
    /// <exception cref="RefusalException">SERVICE_UNREACHABLE: the key cannot be read, so whom a token names cannot be known.</exception>
    public byte[] HashOf(string number) => HMACSHA256.HashData(_key ??= Read(), Encoding.ASCII.GetBytes(number));

    // At the first use: the token server may start later than this process.
    private byte[] Read()
    {
        try
        {
            if (File.ReadAllBytes(path) is { Length: Bytes } key) return key;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The refusal below says it: the caller did nothing wrong.
        }

        const string unknown = "Which person a token names cannot be known now: the key that Identity:PersonKeyFile names cannot be read.";
        throw Refusal.Of(ErrorReason.ServiceUnreachable, unknown).ToException();
    }
}

/// <summary>The person that a token names.</summary>
/// <param name="hash">As the token names them.</param>
/// <param name="key">What it was made with.</param>
public sealed class TokenPerson(byte[] hash, PersonKey key)
{
    /// <summary>As the token names them.</summary>
    public ReadOnlySpan<byte> Hash => hash;

    /// <summary>Whether it is the person with this number.</summary>
    /// <exception cref="RefusalException">SERVICE_UNREACHABLE.</exception>
    public bool Is(string number) => CryptographicOperations.FixedTimeEquals(hash, key.HashOf(number));
}
