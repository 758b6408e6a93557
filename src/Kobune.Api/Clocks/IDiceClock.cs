namespace Kobune.Api.Clocks;

/// <summary>A clock that also brings the dice: who runs on it draws names, UIDs and jitter from them, so that a seeded run can be had twice.</summary>
public interface IDiceClock
{
    /// <summary>Safe for several threads.</summary>
    Random Dice { get; }
}
