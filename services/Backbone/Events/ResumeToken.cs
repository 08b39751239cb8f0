using System.Buffers.Text;
using System.Globalization;
using System.Text;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Events;

/// <summary>A point of one store's log, opaque to clients: store, epoch and position.</summary>
public static class ResumeToken
{
    /// <summary>The token behind a position.</summary>
    public static string After(StoreName store, string epoch, long position) =>
        Base64Url.EncodeToString(Encoding.ASCII.GetBytes($"{store}|{epoch}|{position}"));

    /// <summary>The position that a token stands behind; 0 for an empty one.</summary>
    /// <exception cref="RefusalException">TOKEN_OF_ANOTHER_STORE: of another store, or from before a restore, or behind its end; INVALID_FIELDS: no token at all.</exception>
    public static long Position(string token, StoreName store, string epoch, long head)
    {
        if (token.Length == 0) return 0;
        var parts = Base64Url.IsValid(token) ? Encoding.ASCII.GetString(Base64Url.DecodeFromChars(token)).Split('|') : [];
        if (parts is not [var name, var era, var text] || !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
        {
            throw Refusal.Fields([new FieldViolation { Field = "after", Description = "Is no token of this service." }]).ToException();
        }

        if (name != store.ToString()) throw Refusal.Of(ErrorReason.TokenOfAnotherStore, "The resume token is of another store.").ToException();
        if (era != epoch) throw Refusal.Of(ErrorReason.TokenOfAnotherStore, "The store was restored since; read it from the start.").ToException();
        // Behind the end of the log: a part of it was lost, and reading on would skip what took its place.
        if (position > head) throw Refusal.Of(ErrorReason.TokenOfAnotherStore, "The store does not reach this point; read it from the start.").ToException();
        return position;
    }
}
