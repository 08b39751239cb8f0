using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace BeschutWerk.Identity;

/// <summary>The key that signs every token: made once, then kept, so that tokens outlive a restart.</summary>
static class SigningKey
{
    public const string FileName = "signing-key.pem";

    // RS256 is what every party of the NL GOV OAuth profile must support; 2048 bits is its usual key.
    const int Bits = 2048;

    public static RsaSecurityKey LoadOrCreate(string folder)
    {
        var path = Path.Combine(folder, FileName);
        using var rsa = File.Exists(path) ? Load(path) : Create(path);

        var key = new RsaSecurityKey(rsa.ExportParameters(includePrivateParameters: true));
        // The thumbprint follows from the key itself, so the same key has the same kid after every start.
        key.KeyId = Base64UrlEncoder.Encode(key.ComputeJwkThumbprint());
        return key;
    }

    static RSA Load(string path)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(File.ReadAllText(path));
            return rsa;
        }
        catch (Exception error) when (error is ArgumentException or CryptographicException)
        {
            rsa.Dispose();
            throw new InvalidDataException(
                $"{path} holds no RSA private key in PEM. Put the key back from a backup, or remove the file: a new key is made and all tokens end.", error);
        }
    }

    static RSA Create(string path)
    {
        var rsa = RSA.Create(Bits);
        PrivateFile.Write(path, Encoding.ASCII.GetBytes(rsa.ExportPkcs8PrivateKeyPem()));
        return rsa;
    }
}
