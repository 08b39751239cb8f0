using System.Text.Json;
using System.Text.Json.Serialization;

namespace BeschutWerk.Identity;

/// <summary>The files of the token server: JSON with the names that tokens use too (<c>client_id</c>).</summary>
static class IdentityJson
{
    internal static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        // A file that lacks a field must not become a client that lacks it.
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    public static string Name(OrganisationKind kind) => JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString());

    public static T Read<T>(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), Format)
                ?? throw new InvalidDataException($"{path} is empty. Put it back from a backup, or remove it to start without clients.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path} cannot be read: {error.Message} Put it back from a backup, or remove it to start without clients.", error);
        }
    }

    public static void Write<T>(string path, T value) => PrivateFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(value, Format));
}
