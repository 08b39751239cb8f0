using System.Text.Json;
using System.Text.Json.Serialization;

namespace BeschutWerk.Cli;

/// <summary>A client's id and secret.</summary>
internal sealed record Credentials(string Id, string Secret)
{
    private const string FirstOperator = "first-operator";

    /// <summary>
    /// The secret itself, else a file that was named, else what the token server left in the data folder: the secret of the
    /// first operator, or the clients of the demo.
    /// </summary>
    /// <param name="id">The client that is meant, if that was said.</param>
    /// <param name="secret">From the environment.</param>
    /// <param name="file">With the secret, or with clients as JSON.</param>
    /// <param name="data">The platform's data folder.</param>
    /// <exception cref="Failure">There are none, or others may read them.</exception>
    public static Credentials Find(string? id, string? secret, string? file, string data)
    {
        if (secret is not null) return new Credentials(id ?? throw new Failure(ExitCode.Usage, "BW_CLIENT_SECRET needs BW_CLIENT_ID beside it."), secret);
        if (file is not null) return Read(file, id);
        var first = Path.Combine(data, "identity", FirstOperator);
        if (id is null or FirstOperator && File.Exists(first)) return Read(first, FirstOperator);
        var demo = Path.Combine(data, "identity", "demo-clients.json");
        if (File.Exists(demo)) return Read(demo, id);
        throw new Failure(ExitCode.OutOfReach, $"No client to ask as: {Path.GetFullPath(first)} is not there. Set BW_DATA to the platform's data folder, or BW_CLIENT_ID and BW_CLIENT_FILE.");
    }

    private static Credentials Read(string file, string? id)
    {
        var text = SecretFile.Read(file);
        try
        {
            return text switch
            {
                ['[', ..] => Choose(JsonSerializer.Deserialize<List<Entry>>(text)!, id, file),
                ['{', ..] => Choose([JsonSerializer.Deserialize<Entry>(text)!], id, file),
                _ => new Credentials(id ?? Path.GetFileName(file), text),
            };
        }
        catch (JsonException)
        {
            throw new Failure(ExitCode.OutOfReach, $"{file} is no JSON with client_id and client_secret.");
        }
    }

    private static Credentials Choose(List<Entry> clients, string? id, string file)
    {
        var found = clients.Where(client => id is null ? clients.Count == 1 || client.Kind == "operator" : client.Id == id).ToList();
        if (found is [{ Secret: null }])
            throw new Failure(ExitCode.OutOfReach, $"{file} has no client_secret: the client existed when it was registered. Take the file of then, or renew the secret.");
        return found is [{ Id: { } name, Secret: { } secret }]
            ? new Credentials(name, secret)
            : throw new Failure(ExitCode.OutOfReach, $"{file} holds {(id is null ? "more or fewer than one operator" : $"no client {id}")}: say which of its clients with --client.");
    }

    private sealed record Entry(
        [property: JsonPropertyName("client_id")] string? Id,
        [property: JsonPropertyName("client_secret")] string? Secret,
        [property: JsonPropertyName("organisation_kind")] string? Kind);
}
