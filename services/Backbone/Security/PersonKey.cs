using System.Security.Cryptography;
using System.Text;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Security;

/// <summary>
/// The key under which a citizen's token names its person (services/Identity/README.md). Only services that know persons have its file: a
/// citizen service number (BSN) is found from a hash without a key within seconds, for there are not many.
/// </summary>
/// <param name="path">Its file, which the token server makes.</param>
public sealed class PersonKey(string path)
{
    private const int Bytes = 32;

    private volatile byte[]? _key;

    /// <summary>What stands in a token for the person with this BSN.</summary>
    /// <exception cref="RefusalException">SERVICE_UNREACHABLE: the key cannot be read, so whom a token names cannot be known.</exception>
    public byte[] HashOf(string bsn) => HMACSHA256.HashData(_key ??= Read(), Encoding.ASCII.GetBytes(bsn));

    // At the first use: the token server may start later than this process.
    private byte[] Read()
    {
        try
        {
            if (File.ReadAllBytes(path) is { Length: Bytes } key) return key;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Told below: it is no fault of the caller.
        }

        const string unknown = "Whom a citizen's token names cannot be known now: the key that Identity:PersonKeyFile names cannot be read.";
        throw Refusal.Of(ErrorReason.ServiceUnreachable, unknown).ToException();
    }
}

/// <summary>The person that a citizen's token names.</summary>
/// <param name="hash">As the token names them.</param>
/// <param name="key">What it was made with.</param>
public sealed class TokenPerson(byte[] hash, PersonKey key)
{
    /// <summary>As the token names them.</summary>
    public ReadOnlySpan<byte> Hash => hash;

    /// <summary>Whether it is the person with this BSN.</summary>
    /// <exception cref="RefusalException">SERVICE_UNREACHABLE.</exception>
    public bool Is(string bsn) => CryptographicOperations.FixedTimeEquals(hash, key.HashOf(bsn));
}
